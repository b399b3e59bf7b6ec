import JSONText

/// The members of a canonical JSON object, found without reading their values.
///
/// The fleet holds only canonical text that was checked when it came in, so this walks over it with no checks of its
/// own beyond its bounds; from other text nothing sensible comes, but no crash either. A list of a thousand machines
/// looks at a handful of members of each, and reading all of them would cost most of its time.
struct CanonicalMembers {
    private struct Member {
        let key: Range<Int>
        let value: Range<Int>
    }

    private let bytes: [UInt8]
    private var members: [Member] = []
    /// Whether the text ends where its object does.
    private(set) var isWhole = false

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        bytes.withUnsafeBufferPointer { text in
            var scanner = Scanner(text: text, position: 1)
            guard text.first == UInt8(ascii: "{") else { return }
            var end = 1
            while scanner.position < text.count, text[scanner.position] == UInt8(ascii: "\"") {
                let key = scanner.string()
                scanner.position += 1  // The colon.
                let value = scanner.value()
                guard value.upperBound <= text.count else { return }
                end = scanner.position
                members.append(Member(key: key.lowerBound + 1..<key.upperBound - 1, value: value))
                scanner.position += 1  // The comma or the end.
            }
            isWhole = end == text.count - 1 && text[end] == UInt8(ascii: "}")
        }
    }

    /// The text of a member's value; nil if there is no such member.
    subscript(key: StaticString) -> ArraySlice<UInt8>? {
        key.withUTF8Buffer { wanted in
            for member in members
            where member.key.count == wanted.count && bytes[member.key].elementsEqual(wanted) {
                return bytes[member.value]
            }
            return nil
        }
    }

    /// A member's value if it is a string.
    func string(_ key: StaticString) -> String? { self[key].flatMap(Self.string) }

    /// A member's value if it is a whole number.
    func integer(_ key: StaticString) -> Int64? {
        self[key].flatMap { Int64(String(decoding: $0, as: UTF8.self)) }
    }

    /// A member's value if it is a boolean.
    func bool(_ key: StaticString) -> Bool? {
        switch self[key]?.first {
        case UInt8(ascii: "t"): true
        case UInt8(ascii: "f"): false
        default: nil
        }
    }

    /// The members of a member that is an object.
    func object(_ key: StaticString) -> CanonicalMembers? {
        self[key].flatMap { $0.first == UInt8(ascii: "{") ? CanonicalMembers(Array($0)) : nil }
    }

    /// The first element of a member that is an array of strings.
    func firstString(_ key: StaticString) -> String? {
        guard let array = self[key], array.first == UInt8(ascii: "["), array.count > 2 else { return nil }
        return array.dropFirst().withUnsafeBufferPointer { text -> String? in
            guard text.first == UInt8(ascii: "\"") else { return nil }
            var scanner = Scanner(text: text, position: 0)
            let range = scanner.string()
            guard range.upperBound <= text.count else { return nil }
            return Self.string(Array(text[range])[...])
        }
    }

    private static func string(_ text: ArraySlice<UInt8>) -> String? {
        guard text.count >= 2, text.first == UInt8(ascii: "\"") else { return nil }
        if !text.contains(UInt8(ascii: "\\")) {
            return String(decoding: text.dropFirst().dropLast(), as: UTF8.self)
        }
        // Canonical text always reads; anything else has no value.
        return (try? JSON(parsing: Array(text)))?.string
    }

    private struct Scanner {
        let text: UnsafeBufferPointer<UInt8>
        var position: Int

        /// Passes a string and answers where it stands, its quotes included.
        mutating func string() -> Range<Int> {
            let start = position
            position += 1
            while position < text.count, text[position] != UInt8(ascii: "\"") {
                position += text[position] == UInt8(ascii: "\\") ? 2 : 1
            }
            position += 1
            return start..<max(start + 2, position)
        }

        /// Passes any value.
        mutating func value() -> Range<Int> {
            let start = position
            var depth = 0
            while position < text.count {
                switch text[position] {
                case UInt8(ascii: "\""):
                    _ = string()
                    if depth == 0 { return start..<position }
                    continue
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    if depth == 0 { return start..<position }
                    depth -= 1
                    if depth == 0 {
                        position += 1
                        return start..<position
                    }
                case UInt8(ascii: ","):
                    if depth == 0 { return start..<position }
                default: break
                }
                position += 1
            }
            return start..<position
        }
    }
}
