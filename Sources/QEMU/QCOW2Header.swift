/// The beginning of a qcow2 file, as far as this driver needs it (docs/interop/qcow2.txt of QEMU).
struct QCOW2Header: Equatable, Sendable {
    /// The size that a guest sees.
    var virtualBytes: Int64

    /// How much of a file must be read.
    static let byteCount = 32

    /// Nil if the bytes are no qcow2 file.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= Self.byteCount, Array(bytes[0..<4]) == Array("QFI".utf8) + [0xfb] else { return nil }
        let version = bytes[4..<8].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let size = bytes[24..<32].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard version == 2 || version == 3, let virtualBytes = Int64(exactly: size) else { return nil }
        self.virtualBytes = virtualBytes
    }
}
