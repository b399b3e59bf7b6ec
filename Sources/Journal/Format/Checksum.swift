import Host
import Primitives

/// CRC-32C as the journal uses it: by the processor's instruction where it has one, else by tables.
///
/// Both give the same numbers; what is written on one host is read on any other.
struct Checksum: Hashable, Sendable {
    /// The checksum of everything so far.
    private(set) var value: UInt32

    /// Starts a checksum, or continues one.
    init(continuing value: UInt32 = 0) {
        self.value = value
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        if ChecksumInstruction.isThere {
            value = ChecksumInstruction.crc32c(continuing: value, bytes)
        } else {
            var tables = CRC32C(continuing: value)
            tables.update(buffer: bytes)
            value = tables.value
        }
    }

    mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    mutating func update(_ bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBytes { update($0) }
    }

    mutating func update(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.littleEndian) { update($0) }
    }

    static func of(_ bytes: [UInt8]) -> UInt32 { of(bytes[...]) }

    static func of(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var checksum = Checksum()
        checksum.update(bytes)
        return checksum.value
    }
}
