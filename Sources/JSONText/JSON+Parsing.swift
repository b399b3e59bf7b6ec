/// A value of a text of several, and where it stood.
public struct JSONDocument: Hashable, Sendable {
    public let value: JSON
    /// From its first byte to behind its last.
    public let range: Range<Int>

    public init(value: JSON, range: Range<Int>) {
        self.value = value
        self.range = range
    }
}

extension JSON {
    /// Reads a text that is one value with nothing but white space around it.
    ///
    /// Refused besides what RFC 8259's grammar refuses: a key twice in an object, nesting beyond `Limits.jsonDepth`,
    /// invalid UTF-8 (a byte order mark too), half of a surrogate pair.
    ///
    /// - Throws: ``JSONError`` with the place of the first mistake.
    public init(parsing text: [UInt8]) throws(JSONError) {
        let result = text.withUnsafeBytes { buffer in Self.read(buffer) }
        self = try result.get()
    }

    /// - Throws: As for bytes.
    public init(parsing text: String) throws(JSONError) {
        try self.init(parsing: Array(text.utf8))
    }

    /// - Parameter text: Is only looked at during the call.
    /// - Throws: As for bytes.
    public init(parsing text: UnsafeRawBufferPointer) throws(JSONError) {
        self = try Self.read(text).get()
    }

    /// Reads a text of values one after the other, with or without white space between them; none is allowed too.
    ///
    /// - Throws: ``JSONError`` if any of the values is none; then nothing is answered.
    public static func documents(in text: [UInt8]) throws(JSONError) -> [JSONDocument] {
        let result = text.withUnsafeBytes { buffer -> Result<[JSONDocument], JSONError> in
            var parser = JSONParser(buffer, valueBytes: buffer.count)
            var documents: [JSONDocument] = []
            do throws(JSONParser.Failure) {
                parser.skipWhitespace()
                while parser.position < parser.end {
                    let start = parser.position
                    // Between numbers or literals only white space tells where one ends.
                    if documents.last?.range.upperBound == start, !parser.isSelfDelimiting {
                        throw parser.unexpected("white space")
                    }
                    let value = try parser.value(depth: 0)
                    documents.append(JSONDocument(value: value, range: start..<parser.position))
                    parser.skipWhitespace()
                }
                return .success(documents)
            } catch {
                return .failure(JSONError(error, in: buffer))
            }
        }
        return try result.get()
    }

    private static func read(_ buffer: UnsafeRawBufferPointer) -> Result<JSON, JSONError> {
        var parser = JSONParser(buffer, valueBytes: buffer.count)
        do throws(JSONParser.Failure) {
            let value = try parser.value(depth: 0)
            parser.skipWhitespace()
            guard parser.position == parser.end else { throw parser.unexpected("nothing after the value") }
            return .success(value)
        } catch {
            return .failure(JSONError(error, in: buffer))
        }
    }
}

extension JSONParser {
    /// Whether the byte at `position` can't belong to a number or literal before it.
    fileprivate var isSelfDelimiting: Bool {
        let byte = text[position]
        return byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "\"")
    }
}
