import JSONText

/// Makes a ``Schema`` of its text: resolves references and refuses words that it does not know.
struct SchemaLoader {
    private let root: JSON

    init(_ root: JSON) {
        self.root = root
    }

    func load() throws(SchemaError) -> Schema {
        try schema(root, at: .root, references: [])
    }

    private func schema(_ value: JSON, at path: JSONPath, references: [String]) throws(SchemaError) -> Schema {
        if let allowed = value.bool {
            return Schema(Schema.Keywords(refusesAll: !allowed))
        }
        guard let object = value.object else {
            throw SchemaError(path: path, problem: "must be an object or a boolean")
        }
        if let reference = object["$ref"]?.string {
            guard object.count == 1 else { throw SchemaError(path: path, problem: "$ref must stand alone") }
            guard !references.contains(reference) else {
                throw SchemaError(path: path, problem: "\(reference) refers to itself")
            }
            guard reference.hasPrefix("#"), let target = JSONPath(pointer: String(reference.dropFirst())),
                let found = root.value(at: target)
            else { throw SchemaError(path: path, problem: "\(reference) leads nowhere") }
            return try schema(found, at: target, references: references + [reference])
        }
        var keywords = Schema.Keywords()
        for member in object {
            let place = path.appending(member.key)
            if try read(member, at: place, references: references, into: &keywords) { continue }
            throw SchemaError(path: place, problem: "unknown keyword")
        }
        if keywords.pattern != nil, keywords.format == nil {
            throw SchemaError(path: path, problem: "a pattern needs a format beside it")
        }
        if keywords.minimumQuantity ?? keywords.maximumQuantity != nil, keywords.format != .quantity {
            throw SchemaError(path: path, problem: "x-blixard-minimum and x-blixard-maximum are for quantities")
        }
        if keywords.reference != nil, keywords.type != .string {
            throw SchemaError(path: path, problem: "x-blixard-reference is for strings")
        }
        return Schema(keywords)
    }

    /// Takes one keyword in; false if it is not known.
    private func read(
        _ member: JSONObject.Member, at path: JSONPath, references: [String], into keywords: inout Schema.Keywords
    ) throws(SchemaError) -> Bool {
        if try readSubschemas(member, at: path, references: references, into: &keywords) { return true }
        let value = member.value
        switch member.key {
        case "$schema", "$id", "$defs": break
        case "title": keywords.title = try require(value.string, path)
        case "description": keywords.description = try require(value.string, path)
        case "type": keywords.type = try require(value.string.flatMap(Schema.ValueType.init), path)
        case "required": keywords.required = try require(value.array?.compactMap(\.string), path)
        case "maxProperties": keywords.maxProperties = Int(try require(value.integer, path))
        case "enum": keywords.choices = try require(value.array, path)
        case "const": keywords.choices = [value]
        case "minimum": keywords.minimum = try require(value.integer, path)
        case "maximum": keywords.maximum = try require(value.integer, path)
        case "minLength": keywords.minLength = Int(try require(value.integer, path))
        case "maxLength": keywords.maxLength = Int(try require(value.integer, path))
        case "format": keywords.format = try require(value.string.flatMap(ValueFormat.init), path)
        case "pattern": keywords.pattern = try require(value.string, path)
        case "minItems": keywords.minItems = Int(try require(value.integer, path))
        case "maxItems": keywords.maxItems = Int(try require(value.integer, path))
        case "default": keywords.defaultValue = value
        case "x-blixard-minimum": keywords.minimumQuantity = try require(value.string.flatMap(Quantity.init), path)
        case "x-blixard-maximum": keywords.maximumQuantity = try require(value.string.flatMap(Quantity.init), path)
        case "x-blixard-max-bytes": keywords.maxBytes = Int(try require(value.integer, path))
        case "x-blixard-key": keywords.elementKey = try require(value.string, path)
        case "x-blixard-reference":
            keywords.reference = try require(
                value.string.flatMap { kind in KindInfo.all.first { $0.kind == kind } }, path)
        case "x-blixard-update": keywords.update = try require(value.string.flatMap(UpdateClass.init), path)
        case "x-blixard-update-added":
            keywords.updateWhenAdded = try require(value.string.flatMap(UpdateClass.init), path)
        default: return false
        }
        return true
    }

    /// The keywords whose values are schemas.
    private func readSubschemas(
        _ member: JSONObject.Member, at path: JSONPath, references: [String], into keywords: inout Schema.Keywords
    ) throws(SchemaError) -> Bool {
        let value = member.value
        switch member.key {
        case "properties":
            for property in try require(value.object, path) {
                let place = path.appending(property.key)
                keywords.properties.append(
                    Schema.Property(
                        name: property.key, schema: try schema(property.value, at: place, references: references)))
            }
        case "additionalProperties":
            switch value.bool {
            case true?: keywords.additionalProperties = .allowed
            case false?: keywords.additionalProperties = .forbidden
            case nil: keywords.additionalProperties = .each(try schema(value, at: path, references: references))
            }
        case "propertyNames": keywords.propertyNames = try schema(value, at: path, references: references)
        case "items": keywords.items = try schema(value, at: path, references: references)
        case "oneOf":
            for (index, alternative) in try require(value.array, path).enumerated() {
                let place = path.appending(index)
                keywords.oneOf.append(try schema(alternative, at: place, references: references))
            }
        default: return false
        }
        return true
    }

    private func require<Value>(_ value: Value?, _ path: JSONPath) throws(SchemaError) -> Value {
        guard let value else { throw SchemaError(path: path, problem: "a value that this keyword can't have") }
        return value
    }
}

/// Why a text is no schema that this program can check documents by: a mistake in the program's own schemas.
struct SchemaError: Error, Hashable, Sendable, CustomStringConvertible {
    let path: JSONPath
    let problem: String

    var description: String { "schema \(path.pointer.isEmpty ? "/" : path.pointer): \(problem)" }
}
