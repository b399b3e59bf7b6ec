import JSONText
import Primitives
import Yams

/// Turns one YAML document into a JSON value.
struct YAMLConversion {
    struct Problem {
        var mark: Mark?
        var path: JSONPath
        var text: String
    }

    /// Where each value stands.
    private(set) var marks: [JSONPath: JSONPosition] = [:]
    private(set) var problems: [Problem] = []
    private var nodeCount = 0
    private let largestNodeCount: Int

    /// The text's lines, where it has an escaped byte order mark; empty otherwise.
    private let lines: [Substring]

    /// - Parameters:
    ///   - text: That the nodes were read from.
    ///   - largestNodeCount: How many values the document may have once its aliases are written out.
    init(of text: String, largestNodeCount: Int) {
        self.largestNodeCount = largestNodeCount
        lines =
            text.lowercased().contains("\\ufeff") ? text.split(separator: "\n", omittingEmptySubsequences: false) : []
    }

    /// Nil where it can't be read; then there is a problem.
    mutating func convert(_ node: Node, at path: JSONPath, depth: Int) -> JSON? {
        nodeCount += 1
        guard nodeCount <= largestNodeCount else {
            // Said once: everything after it is too much as well.
            if nodeCount == largestNodeCount + 1 {
                fail(node, path, "aliases make the document too large: more than \(largestNodeCount) values")
            }
            return nil
        }
        guard depth < Limits.jsonDepth else {
            fail(node, path, "it nests deeper than \(Limits.jsonDepth) levels")
            return nil
        }
        if let mark = node.mark {
            marks[path] = JSONPosition(line: mark.line, column: mark.column, offset: 0)
        }
        switch node {
        case .scalar(let scalar): return self.scalar(scalar, node, path)
        case .sequence(let sequence):
            guard hasPlainTag(node, sequence.tag, "seq", path) else { return nil }
            var elements: [JSON] = []
            var whole = true
            for (index, element) in sequence.enumerated() {
                if let value = convert(element, at: path.appending(index), depth: depth + 1) {
                    elements.append(value)
                } else {
                    whole = false
                }
            }
            return whole ? .array(elements) : nil
        case .mapping(let mapping):
            guard hasPlainTag(node, mapping.tag, "map", path) else { return nil }
            return self.mapping(mapping, path, depth)
        case .alias:
            fail(node, path, "an alias without its anchor")
            return nil
        }
    }

    private mutating func mapping(_ mapping: Node.Mapping, _ path: JSONPath, _ depth: Int) -> JSON? {
        var object = JSONObject()
        var whole = true
        for (keyNode, valueNode) in mapping {
            guard let key = key(keyNode, path) else {
                whole = false
                continue
            }
            guard !object.contains(key) else {
                fail(keyNode, path, "duplicate key \"\(key)\"")
                whole = false
                continue
            }
            if let value = convert(valueNode, at: path.appending(key), depth: depth + 1) {
                object[key] = value
            } else {
                whole = false
            }
        }
        return whole ? .object(object) : nil
    }

    /// A key is a string; a plain one that would be read as something else has to be quoted.
    private mutating func key(_ node: Node, _ path: JSONPath) -> String? {
        guard case .scalar(let scalar) = node else {
            fail(node, path, "a key must be a string")
            return nil
        }
        let plain = scalar.style == .plain || scalar.style == .any
        if plain, scalar.string == "<<" {
            fail(node, path, "merge keys (<<) are not read: write the members out")
            return nil
        }
        guard plain else { return text(of: scalar, node) }
        switch YAMLScalar(plain: scalar.string) {
        case .value(.string(let text)): return text
        case .value, .refused:
            fail(node, path, "the key \(scalar.string) must be quoted: \"\(scalar.string)\"")
            return nil
        }
    }

    private mutating func scalar(_ scalar: Node.Scalar, _ node: Node, _ path: JSONPath) -> JSON? {
        switch scalar.tag.rawValue {
        case "tag:yaml.org,2002:str", "!": return .string(text(of: scalar, node))
        case "": break
        case let tag:
            fail(node, path, "the tag \(Self.short(tag)) is not read: write the value without it")
            return nil
        }
        guard scalar.style == .plain || scalar.style == .any else {
            return .string(text(of: scalar, node))
        }
        switch YAMLScalar(plain: scalar.string) {
        case .value(let value): return value
        case .refused(let why):
            fail(node, path, why)
            return nil
        }
    }

    /// A quoted scalar's text. The library below drops a byte order mark that it begins with, also an escaped one.
    private func text(of scalar: Node.Scalar, _ node: Node) -> String {
        guard scalar.style == .doubleQuoted, let mark = node.mark, lines.indices.contains(mark.line - 1) else {
            return scalar.string
        }
        let rest = lines[mark.line - 1].unicodeScalars.dropFirst(mark.column - 1).prefix(7)
        let isDropped = String(rest).lowercased() == "\"\\ufeff" && scalar.string.unicodeScalars.first != "\u{feff}"
        return isDropped ? "\u{feff}" + scalar.string : scalar.string
    }

    private mutating func hasPlainTag(_ node: Node, _ tag: Tag, _ own: String, _ path: JSONPath) -> Bool {
        let name = tag.rawValue
        if name.isEmpty || name == "tag:yaml.org,2002:\(own)" || name == "!" { return true }
        fail(node, path, "the tag \(Self.short(name)) is not read: write the value without it")
        return false
    }

    private static func short(_ tag: String) -> String {
        let core = "tag:yaml.org,2002:"
        return tag.hasPrefix(core) ? "!!" + tag.dropFirst(core.count) : tag
    }

    private mutating func fail(_ node: Node, _ path: JSONPath, _ text: String) {
        problems.append(Problem(mark: node.mark, path: path, text: text))
    }
}
