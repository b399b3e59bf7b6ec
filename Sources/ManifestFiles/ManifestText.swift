/// The bytes of a text file that people edit, as UTF-8 without the byte order mark that some editors write before it.
public struct ManifestText {
    /// Without the mark. Columns of the first line count from behind it.
    public let bytes: [UInt8]
    /// What else the text is encoded in; nil for what may be UTF-8.
    public let problem: String?

    public init(_ bytes: [UInt8]) {
        let mark: [UInt8] = [0xef, 0xbb, 0xbf]
        self.bytes = bytes.starts(with: mark) ? Array(bytes.dropFirst(mark.count)) : bytes
        problem = Self.otherEncoding(bytes).map { "the text is \($0): save it as UTF-8" }
    }

    /// By the byte order mark, or by the zeros around the ASCII sign that every manifest begins with.
    private static func otherEncoding(_ bytes: [UInt8]) -> String? {
        let head = bytes.prefix(4)
        if head.starts(with: [0xff, 0xfe, 0, 0]) || head.elementsEqual([0, 0, 0xfe, 0xff]) {
            return "UTF-32, as its byte order mark says"
        }
        if head.starts(with: [0xff, 0xfe]) || head.starts(with: [0xfe, 0xff]) {
            return "UTF-16, as its byte order mark says"
        }
        guard head.count >= 2 else { return nil }
        return (head[0] == 0) != (head[1] == 0) ? "UTF-16, by the zero bytes between its signs" : nil
    }

    public var looksLikeJSON: Bool {
        let first = bytes.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0a && $0 != 0x0d }
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    }
}
