package import Manifest
package import Primitives

extension ByteReader {
    /// - Throws: If the bytes end early, or a part is no UTF-8.
    package mutating func readKey() throws(DecodingFailure) -> ObjectKey {
        ObjectKey(kind: try readString(), namespace: try readString(), name: try readString())
    }

    /// - Throws: If fewer than 16 bytes are left.
    package mutating func readUID() throws(DecodingFailure) -> UID {
        UID(high: try readFixed(UInt64.self), low: try readFixed(UInt64.self))
    }

    /// - Throws: If fewer than 32 bytes are left, or they are no key.
    package mutating func readPublicKey() throws(DecodingFailure) -> PublicKey {
        let start = offset
        guard let key = PublicKey(try readRaw(32)) else {
            throw DecodingFailure(.invalid("a public key that is not of 32 bytes"), offset: start)
        }
        return key
    }

    /// - Throws: If fewer than 16 bytes are left.
    package mutating func readRequest() throws(DecodingFailure) -> RequestID {
        RequestID(high: try readFixed(UInt64.self), low: try readFixed(UInt64.self))
    }

    /// - Throws: If the bytes end early, or the number has more than 64 bits.
    package mutating func readTime() throws(DecodingFailure) -> WallTime {
        WallTime(milliseconds: try readSigned())
    }

    /// A number that only ever counts up by one, and so leaves room above it.
    ///
    /// - Throws: If the bytes end early, or the number is 2^56 or more.
    package mutating func readCounter() throws(DecodingFailure) -> UInt64 {
        let start = offset
        let value = try readVarint()
        guard value < 1 << 56 else { throw DecodingFailure(.invalid("a counter at \(value)"), offset: start) }
        return value
    }

    /// - Throws: If the bytes end early, the mark is neither 0 nor 1, or the text is no UTF-8.
    package mutating func readOptionalString() throws(DecodingFailure) -> String? {
        try readOptional { reader throws(DecodingFailure) in try reader.readString() }
    }

    /// - Throws: If the bytes end early, or the number has more than 64 bits.
    package mutating func readInt() throws(DecodingFailure) -> Int {
        Int(try readSigned())
    }

    /// - Throws: If the bytes end early, or the number has more than 32 bits.
    package mutating func readUInt32() throws(DecodingFailure) -> UInt32 {
        let start = offset
        let value = try readVarint()
        guard let narrow = UInt32(exactly: value) else {
            throw DecodingFailure(.invalid("\(value) where at most \(UInt32.max) is allowed"), offset: start)
        }
        return narrow
    }

    /// A value that is written as one byte.
    ///
    /// - Throws: If no byte is left, or it stands for no value of the type.
    package mutating func readCase<Value: RawRepresentable<UInt8>>(
        _ type: Value.Type
    ) throws(DecodingFailure) -> Value {
        let raw = try readByte()
        guard let value = Value(rawValue: raw) else {
            throw DecodingFailure(.invalid("\(raw) is no \(type)"), offset: offset - 1)
        }
        return value
    }

    /// - Throws: If the bytes end early, a text is no UTF-8, or the keys do not ascend by their bytes.
    package mutating func readStringMap() throws(DecodingFailure) -> [String: String] {
        try readMap { reader throws(DecodingFailure) in try reader.readString() }
    }

    /// - Throws: If the bytes end early, a key is no UTF-8, or the keys do not ascend by their bytes.
    package mutating func readBytesMap() throws(DecodingFailure) -> [String: [UInt8]] {
        try readMap { reader throws(DecodingFailure) in try reader.readPrefixed() }
    }

    /// Keys must ascend by their bytes, so that equal maps have equal forms.
    private mutating func readMap<Value>(
        _ readValue: (inout ByteReader) throws(DecodingFailure) -> Value
    ) throws(DecodingFailure) -> [String: Value] {
        let count = try readCount()
        guard count > 0 else { return [:] }
        var map: [String: Value] = [:]
        map.reserveCapacity(min(count, 64))
        var previous: String?
        for _ in 0..<count {
            let start = offset
            let key = try readString()
            if let previous, !previous.precedesByBytes(key) {
                throw DecodingFailure(.invalid("map keys out of order at \"\(key)\""), offset: start)
            }
            guard map.updateValue(try readValue(&self), forKey: key) == nil else {
                throw DecodingFailure(.invalid("map key \"\(key)\" twice"), offset: start)
            }
            previous = key
        }
        return map
    }
}
