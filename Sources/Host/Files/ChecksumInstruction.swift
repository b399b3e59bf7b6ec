import CLinux

/// CRC-32C (Castagnoli) by the processor's own instruction, where it has one (SSE 4.2, or the CRC32 extension of
/// ARMv8).
///
/// The same numbers as `CRC32C` of Primitives, which computes them anywhere, many times faster.
public enum ChecksumInstruction {
    /// Whether this processor has one.
    public static let isThere = clinux_has_crc32c()

    /// Continues a checksum over more bytes; 0 is the checksum of none.
    ///
    /// Stops the program where ``isThere`` is false.
    public static func crc32c(continuing value: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
        precondition(isThere, "this processor has no instruction for CRC-32C")
        guard let start = bytes.baseAddress else { return value }
        return ~clinux_crc32c(~value, start, bytes.count)
    }
}
