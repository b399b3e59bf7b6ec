/// Why bytes could not be decoded, and where.
public struct DecodingFailure: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Reason: Equatable, Sendable {
        /// `needed` bytes were wanted and only `left` were there.
        case truncated(needed: Int, left: Int)
        /// Bytes are left over after the last field.
        case trailing(Int)
        /// A value that the format does not allow.
        case invalid(String)
        /// A format version that this program does not know.
        case unknownVersion(UInt64)
    }

    public let reason: Reason
    /// Bytes from the start of the input.
    public let offset: Int

    public init(_ reason: Reason, offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    public var description: String {
        switch reason {
        case .truncated(let needed, let left): "at byte \(offset): \(needed) bytes needed, \(left) left"
        case .trailing(let count): "at byte \(offset): \(count) bytes too many"
        case .invalid(let what): "at byte \(offset): \(what)"
        case .unknownVersion(let version): "at byte \(offset): unknown format version \(version)"
        }
    }
}

/// Reads what ``ByteWriter`` wrote, from bytes that were not checked before.
///
/// No length or count is trusted before it is compared with the bytes that are left, so hostile input can't make it
/// allocate more than a small multiple of its own size.
public struct ByteReader: Sendable {
    private let bytes: [UInt8]
    private let end: Int
    /// Bytes consumed so far.
    public private(set) var offset: Int

    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
        offset = 0
        end = bytes.count
    }

    public var remaining: Int { end - offset }
    public var isAtEnd: Bool { offset == end }

    /// - Throws: If no byte is left.
    public mutating func readByte() throws(DecodingFailure) -> UInt8 {
        try need(1)
        defer { offset += 1 }
        return bytes[offset]
    }

    /// Reads an integer of at most 8 bytes, least significant byte first.
    ///
    /// - Throws: If the bytes end early.
    @inlinable
    public mutating func readFixed<Value: FixedWidthInteger & UnsignedInteger>(
        _ type: Value.Type
    ) throws(DecodingFailure) -> Value {
        Value(truncatingIfNeeded: try readLittleEndian(bytes: MemoryLayout<Value>.size))
    }

    @usableFromInline
    mutating func readLittleEndian(bytes width: Int) throws(DecodingFailure) -> UInt64 {
        precondition(width <= 8, "an integer of \(width) bytes")
        try need(width)
        var value: UInt64 = 0
        for position in stride(from: offset + width - 1, through: offset, by: -1) {
            value = value << 8 | UInt64(bytes[position])
        }
        offset += width
        return value
    }

    /// Reads an integer of seven bits in each byte, the lowest first; the top bit says that another byte follows.
    ///
    /// - Throws: If the bytes end early, or the integer has more than 64 bits.
    public mutating func readVarint() throws(DecodingFailure) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try readByte()
            let low = UInt64(byte & 0x7f)
            guard shift < 63 || (shift == 63 && low <= 1) else {
                throw DecodingFailure(.invalid("an integer of more than 64 bits"), offset: offset)
            }
            value |= low << shift
            if byte & 0x80 == 0 { return value }
            shift += 7
        }
    }

    /// Reads a count of things of which each takes at least one byte.
    ///
    /// - Throws: If the bytes end early, or fewer are left than the count says.
    public mutating func readCount() throws(DecodingFailure) -> Int {
        let value = try readVarint()
        guard value <= UInt64(remaining) else {
            throw DecodingFailure(.truncated(needed: Int(clamping: value), left: remaining), offset: offset)
        }
        return Int(value)
    }

    /// Reads an integer whose sign is in the lowest bit of a varint.
    ///
    /// - Throws: As ``readVarint()``.
    public mutating func readSigned() throws(DecodingFailure) -> Int64 {
        let raw = try readVarint()
        return Int64(bitPattern: (raw >> 1) ^ (0 &- (raw & 1)))
    }

    /// - Throws: If no byte is left, or it is neither 0 nor 1.
    public mutating func readBool() throws(DecodingFailure) -> Bool {
        switch try readByte() {
        case 0: return false
        case 1: return true
        case let other: throw DecodingFailure(.invalid("\(other) where 0 or 1 is allowed"), offset: offset - 1)
        }
    }

    /// Reads bytes that a count precedes.
    ///
    /// - Throws: If fewer are left than the count says.
    public mutating func readPrefixed() throws(DecodingFailure) -> [UInt8] {
        try readRaw(try readCount())
    }

    /// Reads text that a count of its bytes precedes.
    ///
    /// - Throws: If fewer bytes are left than the count says, or they are no UTF-8.
    public mutating func readString() throws(DecodingFailure) -> String {
        let start = offset
        let count = try readCount()
        guard let string = String(validating: bytes[offset..<offset + count], as: UTF8.self) else {
            throw DecodingFailure(.invalid("text that is not UTF-8"), offset: start)
        }
        offset += count
        return string
    }

    /// Reads so many bytes; a negative number is a programmer error.
    ///
    /// - Throws: If fewer are left.
    public mutating func readRaw(_ count: Int) throws(DecodingFailure) -> [UInt8] {
        precondition(count >= 0, "a length can't be negative: \(count)")
        try need(count)
        defer { offset += count }
        return Array(bytes[offset..<offset + count])
    }

    /// Reads a mark of one byte, and a value if it is 1; nil if it is 0.
    ///
    /// - Throws: For another mark, and what `body` throws.
    @inlinable
    public mutating func readOptional<Value>(
        _ body: (inout ByteReader) throws(DecodingFailure) -> Value
    ) throws(DecodingFailure) -> Value? {
        try readBool() ? try body(&self) : nil
    }

    /// Reads values that their count precedes; each takes at least one byte.
    ///
    /// - Throws: As ``readCount()``, and what `body` throws.
    @inlinable
    public mutating func readList<Value>(
        _ body: (inout ByteReader) throws(DecodingFailure) -> Value
    ) throws(DecodingFailure) -> [Value] {
        let count = try readCount()
        var values: [Value] = []
        values.reserveCapacity(min(count, 1024))
        for _ in 0..<count { values.append(try body(&self)) }
        return values
    }

    /// Says that everything was read.
    ///
    /// - Throws: If bytes are left.
    public func finish() throws(DecodingFailure) {
        guard isAtEnd else { throw DecodingFailure(.trailing(remaining), offset: offset) }
    }

    private func need(_ count: Int) throws(DecodingFailure) {
        guard count <= remaining else {
            throw DecodingFailure(.truncated(needed: count, left: remaining), offset: offset)
        }
    }
}
