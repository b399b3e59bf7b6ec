import JSONText

/// kubectl's JSONPath templates: text with `{path}`, `{"text"}` and `{range path}...{end}` in it.
struct PathTemplate: Equatable {
    indirect enum Part: Equatable {
        case text(String)
        case value(PathExpression)
        case range(PathExpression, [Part])
    }

    let parts: [Part]

    init(_ template: String) throws {
        var rest = Substring(template)
        parts = try Self.parts(&rest, inRange: false, of: template)
    }

    private static func parts(_ rest: inout Substring, inRange: Bool, of template: String) throws -> [Part] {
        var parts: [Part] = []
        while let open = rest.firstIndex(of: "{") {
            if open > rest.startIndex { parts.append(.text(String(rest[..<open]))) }
            guard let close = closing(of: rest[open...]) else {
                throw CommandFailure.error("the template \"\(template)\" has a { without its }")
            }
            let inner = rest[rest.index(after: open)..<close]
            rest = rest[rest.index(after: close)...]
            if inner == "end" {
                guard inRange else {
                    throw CommandFailure.error("the template \"\(template)\" has an {end} without a {range}")
                }
                return parts
            } else if inner.hasPrefix("range ") {
                let path = try PathExpression(String(inner.dropFirst("range ".count)))
                parts.append(.range(path, try self.parts(&rest, inRange: true, of: template)))
            } else if let quote = inner.first, quote == "\"" || quote == "'" {
                parts.append(.text(unescape(inner.dropFirst().dropLast())))
            } else {
                parts.append(.value(try PathExpression(String(inner))))
            }
        }
        if inRange { throw CommandFailure.error("the template \"\(template)\" has a {range} without its {end}") }
        if !rest.isEmpty { parts.append(.text(String(rest))) }
        return parts
    }

    /// The brace that ends what the first sign begins; braces in quotes don't count.
    private static func closing(of text: Substring) -> Substring.Index? {
        var quote: Character?
        for index in text.indices {
            let sign = text[index]
            if let open = quote {
                if sign == open { quote = nil }
            } else if sign == "\"" || sign == "'" {
                quote = sign
            } else if sign == "}" {
                return index
            }
        }
        return nil
    }

    private static func unescape(_ text: Substring) -> String {
        var result = ""
        var signs = text.makeIterator()
        while let sign = signs.next() {
            guard sign == "\\", let escaped = signs.next() else {
                result.append(sign)
                continue
            }
            switch escaped {
            case "n": result.append("\n")
            case "t": result.append("\t")
            default: result.append(escaped)
            }
        }
        return result
    }

    func render(_ root: JSON) -> String { Self.render(parts, root) }

    private static func render(_ parts: [Part], _ root: JSON) -> String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .value(let path): path.values(in: root).map(PathExpression.text).joined(separator: " ")
            case .range(let path, let inner): path.values(in: root).map { render(inner, $0) }.joined()
            }
        }.joined()
    }
}
