import Primitives

/// Finds where things stand in a JSON text, when an error needs to say so: values carry no positions.
///
/// Texts must have been read without error, except where it says otherwise.
public enum JSONPositions {
    /// Where a value stands, and the key that names it.
    public struct Location: Hashable, Sendable {
        /// Nil for elements of arrays and for the root.
        public let key: JSONPosition?
        public let value: JSONPosition
    }

    /// Where the value at `path` stands; nil if it is not there.
    ///
    /// - Parameter start: The byte at which the document begins, white space before it allowed.
    public static func locate(_ path: JSONPath, in text: [UInt8], from start: Int) -> Location? {
        guard let found = offsets(of: path, in: text, from: start) else { return nil }
        return Location(
            key: found.key.map { position(ofByte: $0, in: text) }, value: position(ofByte: found.value, in: text))
    }

    /// As ``locate(_:in:from:)``, in bytes from the start of the text.
    public static func offsets(
        of path: JSONPath, in text: [UInt8], from start: Int
    ) -> (key: Int?, value: Int)? {
        text.withUnsafeBytes { offsets(of: path, in: $0, from: start) }
    }

    /// Where each element of the array at `path` begins; empty if there is no array.
    public static func elementOffsets(of path: JSONPath, in text: [UInt8], from start: Int) -> [Int] {
        text.withUnsafeBytes { buffer in
            guard let array = offsets(of: path, in: buffer, from: start)?.value else { return [] }
            var offsets: [Int] = []
            var parser = JSONParser(buffer, valueBytes: 0)
            parser.position = array
            guard parser.enter(UInt8(ascii: "["), closing: UInt8(ascii: "]")) else { return [] }
            repeat {
                offsets.append(parser.position)
                parser.skipValue()
            } while parser.next()
            return offsets
        }
    }

    /// Line and column of a byte of any text.
    public static func position(ofByte offset: Int, in text: [UInt8]) -> JSONPosition {
        text.withUnsafeBytes { position(of: offset, in: $0) }
    }

    static func position(of offset: Int, in buffer: UnsafeRawBufferPointer) -> JSONPosition {
        var line = 1
        var column = 1
        for byte in buffer[..<min(offset, buffer.count)] {
            if byte == 0x0a {
                line += 1
                column = 1
            } else if byte & 0xc0 != 0x80 {
                column += 1
            }
        }
        return JSONPosition(line: line, column: column, offset: offset)
    }

    private static func offsets(
        of path: JSONPath, in buffer: UnsafeRawBufferPointer, from start: Int
    ) -> (key: Int?, value: Int)? {
        var parser = JSONParser(buffer, valueBytes: 0)
        parser.position = start
        parser.skipWhitespace()
        var keyOffset: Int?
        for step in path.steps {
            switch step {
            case .index(let index):
                guard parser.enter(UInt8(ascii: "["), closing: UInt8(ascii: "]")) else { return nil }
                for _ in 0..<index {
                    parser.skipValue()
                    guard parser.next() else { return nil }
                }
                keyOffset = nil
            case .key(let wanted):
                guard parser.enter(UInt8(ascii: "{"), closing: UInt8(ascii: "}")) else { return nil }
                while true {
                    keyOffset = parser.position
                    guard let key = parser.key() else { return nil }
                    if key.hasSameBytes(as: wanted) { break }
                    parser.skipValue()
                    guard parser.next() else { return nil }
                }
            }
        }
        return parser.position < parser.end ? (keyOffset, parser.position) : nil
    }
}

extension JSONParser {
    /// Steps into an object or array at `position`, before its first member; false if it is none or empty.
    fileprivate mutating func enter(_ opening: UInt8, closing: UInt8) -> Bool {
        guard position < end, text[position] == opening else { return false }
        position += 1
        skipWhitespace()
        return position < end && text[position] != closing
    }

    /// From behind a value to before the next member; false at the end of the object or array.
    fileprivate mutating func next() -> Bool {
        skipWhitespace()
        guard position < end, text[position] == UInt8(ascii: ",") else { return false }
        position += 1
        skipWhitespace()
        return position < end
    }

    /// The key at `position`; stops before its value. Nil if there is none.
    fileprivate mutating func key() -> String? {
        guard let key = try? string(allowed: "a key") else { return nil }  // No key, no answer.
        skipWhitespace()
        guard position < end, text[position] == UInt8(ascii: ":") else { return nil }
        position += 1
        skipWhitespace()
        return key
    }
}
