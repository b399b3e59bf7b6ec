package import JSONText
package import Manifest

/// A document of a kind in which one field has a value at an edge of what it may be, or beyond it.
package struct EdgeDocument: Sendable, CustomStringConvertible {
    package let kind: KindInfo
    package let path: JSONPath
    package let value: JSON
    /// The whole document, valid but for that field.
    package let document: JSON

    package var description: String {
        "\(kind.kind) \(path) = \(String(decoding: value.canonicalBytes.prefix(60), as: UTF8.self))"
    }

    /// The document under another name.
    package func named(_ name: String) -> JSON {
        guard path != JSONPath(keys: "metadata", "name"), document["metadata"]?.object != nil else { return document }
        var document = document
        document["metadata"]?["name"] = .string(name)
        return document
    }
}

/// Walks the schemas, so that a field that is added to one is tried without a word here.
package enum EdgeDocuments {
    /// Every field of a kind with every edge.
    package static func all(of kind: KindInfo) -> [EdgeDocument] {
        guard let schema = KindSchema.of(kind), let root = try? JSON(parsing: schema.text) else {
            preconditionFailure("\(kind.kind) has no schema")
        }
        let walker = Walker(root: root)
        let base = walker.sample(root)
        return walker.edges(of: root, in: base, at: .root).map { path, value, document in
            EdgeDocument(kind: kind, path: path, value: value, document: document)
        }
    }

    /// Of all kinds that a manifest may hold.
    package static var all: [EdgeDocument] { KindInfo.writable.flatMap(all) }
}

private struct Walker {
    typealias Edge = (path: JSONPath, value: JSON, whole: JSON)

    let root: JSON

    private func resolved(_ schema: JSON) -> JSON {
        guard let reference = schema["$ref"]?.string else { return schema }
        guard let path = JSONPath(pointer: String(reference.dropFirst())), let found = root.value(at: path) else {
            preconditionFailure("\(reference) leads nowhere")
        }
        return resolved(found)
    }

    /// A valid value with every field in it that can stand beside the others.
    func sample(_ schema: JSON) -> JSON {
        let schema = resolved(schema)
        if let value = schema["const"] ?? schema["enum"]?[0] { return value }
        switch schema["type"]?.string {
        case "integer": return .integer(schema["minimum"]?.integer ?? 1)
        case "boolean": return false
        case "array": return .array([sample(schema["items"] ?? true)])
        case "object":
            var object = JSONObject()
            let required = schema["oneOf"]?[0]?["required"]?.array
            for member in schema["properties"]?.object ?? [:] where !Self.isWrittenByCluster(member) {
                if let required, !required.contains(.string(member.key)) { continue }
                object[member.key] = sample(member.value)
            }
            if let each = schema["additionalProperties"], each.object != nil { object["key"] = sample(each) }
            return .object(object)
        default: break
        }
        switch schema["format"]?.string {
        case "quantity": return schema["x-blixard-minimum"] ?? "1Mi"
        case "sha256": return .string("sha256:" + String(repeating: "5c", count: 32))
        case "absolute-path-or-url": return "/images/a"
        case "ipv4": return "127.0.0.1"
        case "git-url": return "https://example.org/infra.git"
        case "git-commit": return .string(String(repeating: "5c", count: 20))
        case "ssh-public-key": return "ssh-ed25519 AAAAC3Nz"
        default: return "word"
        }
    }

    private static func isWrittenByCluster(_ member: JSONObject.Member) -> Bool {
        ["$schema", "status"].contains(member.key)
            || member.value["description"]?.string?.contains("Written by the cluster") == true
    }

    /// Every edge at and below a value.
    ///
    /// - Parameter value: A valid value of the schema.
    func edges(of schema: JSON, in value: JSON, at path: JSONPath) -> [Edge] {
        let schema = resolved(schema)
        var found: [Edge] = values(schema).map { (path, $0, $0) }
        for member in schema["properties"]?.object ?? [:] {
            guard let holder = holder(of: member.key, schema, value) else { continue }
            for edge in edges(
                of: member.value, in: holder[member.key] ?? sample(member.value), at: path.appending(member.key))
            {
                var whole = holder
                whole[member.key] = edge.whole
                found.append((edge.path, edge.value, whole))
            }
        }
        if let items = schema["items"] {
            for edge in edges(of: items, in: sample(items), at: path.appending(0)) {
                found.append((edge.path, edge.value, [edge.whole]))
            }
        }
        if let each = schema["additionalProperties"], each.object != nil {
            for edge in edges(of: each, in: sample(each), at: path.appending("key")) {
                found.append((edge.path, edge.value, ["key": edge.whole]))
            }
            for text in Self.texts { found.append((path, .string(text), .object([text: sample(each)]))) }
        }
        return found
    }

    /// The object in which a member may stand: of several alternatives one that allows it.
    private func holder(of key: String, _ schema: JSON, _ value: JSON) -> JSON? {
        guard let alternatives = schema["oneOf"]?.array, value[key] == nil else { return value }
        guard let fitting = alternatives.first(where: { $0["properties"]?[key] == nil }) else { return nil }
        var object: JSON = [:]
        for name in fitting["required"]?.array?.compactMap(\.string) ?? [] {
            object[name] = sample(schema["properties"]?[name] ?? true)
        }
        return object
    }

    /// The edges of one field, by its type.
    private func values(_ schema: JSON) -> [JSON] {
        switch schema["type"]?.string {
        case "integer":
            let bounds = [schema["minimum"]?.integer, schema["maximum"]?.integer].compactMap(\.self)
            return bounds.flatMap { [.integer($0 - 1), .integer($0), .integer($0 + 1)] } + Self.numbers
        case "boolean": return [true, false, 0, 1, "true", nil]
        case "array":
            let items = schema["items"] ?? true
            let most = Int(schema["maxItems"]?.integer ?? 100)
            func list(_ count: Int) -> JSON {
                .array(
                    (0..<count).map { position in
                        var item = sample(items)
                        if item["name"] != nil { item["name"] = .string("item-\(position)") }
                        if item["hostPort"] != nil { item["hostPort"] = .integer(Int64(1000 + position)) }
                        return item
                    })
            }
            return [[], list(most), list(most + 1), .array(Array(repeating: sample(items), count: 2)), .array([nil])]
        case "object": return [[:], nil, [], "x", 7]
        default: return schema["enum"] == nil ? strings(schema) : (schema["enum"]?.array ?? []) + ["Other", 1, nil]
        }
    }

    private func strings(_ schema: JSON) -> [JSON] {
        var texts = Self.texts
        if let most = schema["maxLength"]?.integer {
            texts += [Int(most), Int(most) + 1].map { String(repeating: "a", count: $0) }
        }
        switch schema["format"]?.string {
        case "quantity":
            texts += Self.quantities
            texts += [schema["x-blixard-minimum"], schema["x-blixard-maximum"]].compactMap { $0?.string }
        case "absolute-path-or-url": texts += Self.sources
        case "git-url": texts += Self.sources + ["ssh://git@a/b", "git@a:b", "-a@b:c", "ext::sh", "file:///a"]
        case "git-ref": texts += ["-a", "a..b", "refs/heads/a", "a.lock"]
        case "git-path": texts += [".", "..", "a/../b", "/a", "a/"]
        case "git-commit": texts += ["5c5c", String(repeating: "0", count: 64)]
        case "ssh-public-key": texts += ["ssh-ed25519", "ssh-dss AAAA", "ssh-ed25519 AAAA a\nb"]
        case "ipv4": texts += ["0.0.0.0", "255.255.255.255", "256.0.0.1", "999999999999.1.1.1", "1.2.3", "::"]
        case "sha256": texts += ["sha256:", "sha256:" + String(repeating: "0", count: 64)]
        default: break
        }
        return texts.map(JSON.string) + [nil, 0, true]
    }

    private static let numbers: [JSON] = [
        "0", "-1", "1", "2147483647", "2147483648", "4294967296", "9007199254740992", "9223372036854775807",
        "-9223372036854775808", "9223372036854775808", "18446744073709551615", "18446744073709551616", "1.5", "1e300",
        "-0.1", "\"1\"", "null",
    ].map { text in
        guard let value = try? JSON(parsing: text) else { preconditionFailure(text) }
        return value
    }

    private static let texts = [
        "", " ", "-1", "0", "18446744073709551616", "caf\u{e9}", "cafe\u{301}", "\u{0}", "a\nb", "\u{1b}[31m", "a,b",
        "a/b",
        "../a", "\u{202e}a", String(repeating: "a", count: 300), String(repeating: "\u{1f600}", count: 100),
    ]

    private static let quantities = [
        "-1", "1", "1n", "1.5", "16Mi", "64Ti", "70368744177665", "1Pi", "7Ei", "8Ei", "9223372036854771712",
        "9223372036854775807", "9223372036854775808", "18446744073709551616", "1e18", "1e19", "1e27", "1e99999999999",
        "64Mii",
    ]

    private static let sources = [
        "http://a:0/", "http://a:99999/", "https://127.0.0.1:99999999999999999999/x", "http://[::1/", "http://",
        "http:///x",
        "http://a:b@c/", "http://\u{e9}/", "/", "/a b", "ftp://a", "http://a/%", "http://127.0.0.1:1/x",
    ]
}
