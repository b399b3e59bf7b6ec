extension JSONPath {
    /// A JSON Pointer (RFC 6901): `/spec/disks/0/size`. A step of digits alone is an index as well as a key; which of
    /// the two it is shows only in the document, so it is read as an index. Nil if the text is no pointer.
    public init?(pointer: String) {
        guard !pointer.isEmpty else {
            self.init()
            return
        }
        guard pointer.hasPrefix("/") else { return nil }
        var steps: [Step] = []
        for token in pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let key = Self.unescape(token) else { return nil }
            if let index = Int(key), index >= 0, String(index) == key {
                steps.append(.index(index))
            } else {
                steps.append(.key(key))
            }
        }
        self.init(steps)
    }

    /// The path as a JSON Pointer (RFC 6901).
    public var pointer: String {
        steps.map { step in
            switch step {
            case .index(let index): "/\(index)"
            case .key(let key):
                "/" + key.reduce(into: "") { $0 += $1 == "~" ? "~0" : $1 == "/" ? "~1" : String($1) }
            }
        }.joined()
    }

    private static func unescape(_ token: Substring) -> String? {
        var key = ""
        var characters = token.unicodeScalars.makeIterator()
        while let character = characters.next() {
            guard character == "~" else {
                key.unicodeScalars.append(character)
                continue
            }
            switch characters.next() {
            case "0": key += "~"
            case "1": key += "/"
            default: return nil
            }
        }
        return key
    }
}

extension JSON {
    /// The value at a path; nil if the way ends before. An index also finds a member whose key is that number, as a
    /// JSON Pointer can't tell the two apart.
    public func value(at path: JSONPath) -> JSON? {
        var value = self
        for step in path.steps {
            let next: JSON? =
                switch (step, value) {
                case (.key(let key), .object(let object)): object[key]
                case (.index(let index), .array): value[index]
                case (.index(let index), .object(let object)): object[String(index)]
                default: nil
                }
            guard let next else { return nil }
            value = next
        }
        return value
    }
}
