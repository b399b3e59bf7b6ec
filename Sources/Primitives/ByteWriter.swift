/// Appends values in blixard's binary forms: fixed-width little endian, LEB128 variable-length integers, and
/// length-prefixed bytes.
///
/// What is written here is read back by ``ByteReader`` with the method of the same name.
public struct ByteWriter: Sendable {
    /// Everything written so far.
    public private(set) var bytes: [UInt8] = []

    public init() {}

    /// Creates a writer with room for `capacity` bytes.
    public init(capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    public mutating func write(_ value: UInt8) {
        bytes.append(value)
    }

    /// Writes a fixed-width integer, least significant byte first.
    @inlinable
    public mutating func write<Value: FixedWidthInteger>(fixed value: Value) {
        withUnsafeBytes(of: value.littleEndian) { append(raw: $0) }
    }

    /// Writes an unsigned LEB128 integer of 1 to 10 bytes.
    public mutating func write(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    public mutating func write(varint value: Int) {
        precondition(value >= 0, "a count or length can't be negative: \(value)")
        write(varint: UInt64(value))
    }

    /// Writes a signed integer in zigzag form, so that small negative values stay short.
    public mutating func write(signed value: Int64) {
        write(varint: UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    public mutating func write(_ value: Bool) {
        bytes.append(value ? 1 : 0)
    }

    /// Writes a length and then the bytes.
    public mutating func write(prefixed value: [UInt8]) {
        write(varint: value.count)
        bytes.append(contentsOf: value)
    }

    /// Writes a length and then the string's UTF-8.
    public mutating func write(_ value: String) {
        var value = value
        value.withUTF8 { utf8 in
            write(varint: utf8.count)
            bytes.append(contentsOf: utf8)
        }
    }

    /// Writes bytes as they are, without a length.
    public mutating func write(raw value: [UInt8]) {
        bytes.append(contentsOf: value)
    }

    /// Writes bytes as they are, without a length.
    public mutating func write(raw value: some Sequence<UInt8>) {
        bytes.append(contentsOf: value)
    }

    /// Writes a presence byte, and the value if there is one.
    @inlinable
    public mutating func write<Value>(optional value: Value?, _ body: (inout ByteWriter, Value) -> Void) {
        write(value != nil)
        if let value { body(&self, value) }
    }

    /// Writes a count, and then each element.
    @inlinable
    public mutating func write<Elements: Collection>(
        list elements: Elements, _ body: (inout ByteWriter, Elements.Element) -> Void
    ) {
        write(varint: elements.count)
        for element in elements { body(&self, element) }
    }

    @usableFromInline
    mutating func append(raw: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: raw)
    }
}
