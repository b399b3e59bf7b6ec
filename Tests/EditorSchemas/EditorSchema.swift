package import JSONText

/// A JSON Schema validator as an editor has one: it knows the standard's words, follows references between files,
/// checks by `pattern`, and passes over every word that is ours.
package struct EditorSchema {
    /// The schemas by the names of their files.
    package let files: [String: JSON]

    package init(files: [String: JSON]) {
        self.files = files
    }

    package func accepts(_ value: JSON, file: String) -> Bool {
        accepts(value, by: files[file] ?? false, in: file)
    }

    private func accepts(_ value: JSON, by schema: JSON, in file: String) -> Bool {
        if let bool = schema.bool { return bool }
        if let reference = schema["$ref"]?.string {
            guard let target = target(of: reference, in: file) else { return false }
            return accepts(value, by: target.schema, in: target.file)
        }
        func each(_ word: String) -> [Bool]? {
            schema[word]?.array?.map { accepts(value, by: $0, in: file) }
        }
        guard each("anyOf")?.contains(true) ?? true, each("oneOf").map({ $0.count { $0 } == 1 }) ?? true,
            schema["const"].map({ $0 == value }) ?? true, schema["enum"]?.array?.contains(value) ?? true,
            hasAnyType(value, schema["type"])
        else { return false }
        switch value {
        case .integer(let number):
            return number >= schema["minimum"]?.integer ?? .min && number <= schema["maximum"]?.integer ?? .max
        case .string(let text): return accepts(text, by: schema)
        case .array(let elements):
            return elements.count <= schema["maxItems"]?.integer ?? .max
                && elements.allSatisfy { accepts($0, by: schema["items"] ?? true, in: file) }
        case .object(let object): return accepts(object, by: schema, in: file)
        case .null, .bool, .number: return true
        }
    }

    /// What a reference leads to: `#/$defs/x`, `file.json` or `file.json#/$defs/x`.
    func target(of reference: String, in file: String) -> (schema: JSON, file: String)? {
        let parts = reference.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let place = parts[0].isEmpty ? file : parts[0]
        guard let whole = files[place] else { return nil }
        guard parts.count == 2 else { return (whole, place) }
        guard let path = JSONPath(pointer: parts[1]), let found = whole.value(at: path) else { return nil }
        return (found, place)
    }

    /// A schema names one type, several, or none.
    private func hasAnyType(_ value: JSON, _ types: JSON?) -> Bool {
        guard let several = types?.array else { return hasType(value, types?.string) }
        return several.contains { hasType(value, $0.string) }
    }

    private func hasType(_ value: JSON, _ type: String?) -> Bool {
        switch (type, value) {
        case (nil, _), ("object", .object), ("array", .array), ("string", .string), ("boolean", .bool),
            ("null", .null), ("integer", .integer):
            true
        // To the standard, every number without a fraction is an integer.
        case ("integer", .number(let number)): !number.description.contains { ".-".contains($0) }
        default: false
        }
    }

    private func accepts(_ text: String, by schema: JSON) -> Bool {
        guard text.unicodeScalars.count <= schema["maxLength"]?.integer ?? .max else { return false }
        guard let pattern = schema["pattern"]?.string else { return true }
        guard let regex = try? Regex(pattern).matchingSemantics(.unicodeScalar) else { return false }
        return text.firstMatch(of: regex) != nil
    }

    private func accepts(_ object: JSONObject, by schema: JSON, in file: String) -> Bool {
        guard object.count <= schema["maxProperties"]?.integer ?? .max,
            schema["required"]?.array?.allSatisfy({ object.contains($0.string ?? "") }) ?? true
        else { return false }
        return object.allSatisfy { member in
            accepts(.string(member.key), by: schema["propertyNames"] ?? true, in: file)
                && accepts(
                    member.value,
                    by: schema["properties"]?[member.key] ?? schema["additionalProperties"] ?? true, in: file)
        }
    }
}
