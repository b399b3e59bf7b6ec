import JSONText

extension PathExpression {
    /// Reads a path, with or without braces around it and a dot or `$` before it.
    init(_ text: String) throws {
        var inner = Substring(text)
        if inner.hasPrefix("{"), inner.hasSuffix("}") { inner = inner.dropFirst().dropLast() }
        var reader = PathReader(inner)
        steps = try reader.path()
        guard reader.isAtEnd else { throw reader.failure("an unexpected \"\(reader.rest)\"") }
    }
}

/// Walks through the text of a path.
struct PathReader {
    private let whole: Substring
    private(set) var rest: Substring

    init(_ text: Substring) {
        whole = text
        rest = text
    }

    var isAtEnd: Bool { rest.isEmpty }

    func failure(_ what: String) -> CommandFailure {
        .error(
            "the path \"\(whole)\" can't be read: \(what); "
                + "it may have .key, ['key'], [N], [*], .. and [?(@.key==\"value\")]")
    }

    mutating func path() throws -> [PathExpression.Step] {
        var steps: [PathExpression.Step] = []
        if rest.first == "$" || rest.first == "@" { rest.removeFirst() }
        if let first = rest.first, first != ".", first != "[" { steps.append(.key(try key())) }
        while let next = rest.first {
            if rest.hasPrefix("..") {
                rest.removeFirst(2)
                steps.append(.descent)
                if let first = rest.first, first != "[" { steps.append(rest.first == "*" ? star() : .key(try key())) }
            } else if next == "." {
                rest.removeFirst()
                if rest.isEmpty || rest.first == "[" { continue }
                steps.append(rest.first == "*" ? star() : .key(try key()))
            } else if next == "[" {
                rest.removeFirst()
                steps.append(try bracket())
            } else {
                break
            }
        }
        return steps
    }

    private mutating func star() -> PathExpression.Step {
        rest.removeFirst()
        return .everything
    }

    /// A key up to the next sign that means something; a backslash takes that meaning away.
    private mutating func key() throws -> String {
        var key = ""
        while let next = rest.first, !".[]{}()=!<> ,".contains(next) {
            rest.removeFirst()
            if next == "\\", let escaped = rest.first {
                rest.removeFirst()
                key.append(escaped)
            } else {
                key.append(next)
            }
        }
        guard !key.isEmpty else { throw failure("a key is missing before \"\(rest)\"") }
        return key
    }

    private mutating func bracket() throws -> PathExpression.Step {
        let step: PathExpression.Step
        if rest.first == "*" {
            step = star()
        } else if rest.first == "'" || rest.first == "\"" {
            step = .key(try quoted())
        } else if rest.hasPrefix("?(") {
            rest.removeFirst(2)
            step = try filter()
        } else {
            let digits = rest.prefix { $0 != "]" }
            guard let index = Int(digits) else { throw failure("\"\(digits)\" is no index") }
            rest.removeFirst(digits.count)
            step = .index(index)
        }
        guard rest.first == "]" else { throw failure("a ] is missing") }
        rest.removeFirst()
        return step
    }

    private mutating func filter() throws -> PathExpression.Step {
        let path = PathExpression(steps: try path())
        skipSpaces()
        var comparison = ""
        while let next = rest.first, "=!<>".contains(next) {
            comparison.append(next)
            rest.removeFirst()
        }
        guard comparison.isEmpty || ["==", "!=", "<", "<=", ">", ">="].contains(comparison) else {
            throw failure("\"\(comparison)\" compares nothing")
        }
        skipSpaces()
        let value: JSON? = comparison.isEmpty ? nil : try literal()
        skipSpaces()
        guard rest.first == ")" else { throw failure("a ) is missing") }
        rest.removeFirst()
        return .filter(path: path, comparison: comparison, value: value)
    }

    private mutating func literal() throws -> JSON {
        if rest.first == "'" || rest.first == "\"" { return .string(try quoted()) }
        let word = rest.prefix { $0 != ")" && $0 != " " }
        rest.removeFirst(word.count)
        guard let value = try? JSON(parsing: String(word)) else {  // Anything that is no JSON is refused alike.
            throw failure("\"\(word)\" is no value; strings stand in quotes")
        }
        return value
    }

    mutating func quoted() throws -> String {
        let quote = rest.removeFirst()
        guard let end = rest.firstIndex(of: quote) else { throw failure("a \(quote) is missing") }
        let text = String(rest[..<end])
        rest = rest[rest.index(after: end)...]
        return text
    }

    private mutating func skipSpaces() { while rest.first == " " { rest.removeFirst() } }
}
