import Primitives

/// Names of disks as they fit where QEMU and virtio have less room than a manifest gives.
///
/// A name that fits is taken as it is. Of a longer one the beginning is kept, and the rest is told by digits of its
/// hash, so that names with one beginning stay different. An underscore parts the two: no name in a manifest has one,
/// so no shortened name can be that of another disk.
enum DeviceName {
    /// The name of a block node: QEMU takes 31 bytes and refuses longer ones (`sizeof BlockDriverState.node_name`).
    static func node(of disk: String, suffix: String) -> String {
        let frame = "disk-".utf8.count + suffix.utf8.count
        return "disk-" + fitted(disk, intoBytes: nodeBytes - frame, hashDigits: 12) + suffix
    }

    /// The serial number that the guest sees: virtio has 20 bytes for it (`VIRTIO_BLK_ID_BYTES`) and drops the rest.
    static func serial(of disk: String) -> String { fitted(disk, intoBytes: serialBytes, hashDigits: 8) }

    private static let nodeBytes = 31
    private static let serialBytes = 20

    private static func fitted(_ name: String, intoBytes room: Int, hashDigits: Int) -> String {
        guard name.utf8.count > room else { return name }
        var hash = StableHash()
        hash.combine(name)
        let digits = Hex.encode((0..<8).map { UInt8(truncatingIfNeeded: hash.value >> (8 * UInt64($0))) })
        return String(name.prefix(room - hashDigits - 1)) + "_" + digits.prefix(hashDigits)
    }
}
