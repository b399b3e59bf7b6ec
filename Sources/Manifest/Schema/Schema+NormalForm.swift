import JSONText

extension Schema {
    /// The one form of a valid value: quantities canonical, members that equal their default left out at every level,
    /// keys sorted.
    func normalForm(of value: JSON) -> JSON {
        switch value {
        case .string(let text): return .string(keywords.format?.canonical(text) ?? text)
        case .array(let elements):
            guard let items = keywords.items else { return value }
            return .array(elements.map(items.normalForm))
        case .object(let object):
            var members: [JSONObject.Member] = []
            for member in object.sortedMembers {
                guard let schema = property(member.key) else {
                    members.append(member)
                    continue
                }
                let normal = schema.normalForm(of: member.value)
                if normal == schema.normalDefault { continue }
                members.append(JSONObject.Member(key: member.key, value: normal))
            }
            return .object(JSONObject(uniqueMembers: members))
        case .null, .bool, .integer, .number: return value
        }
    }

    /// The default in normal form.
    private var normalDefault: JSON? { keywords.defaultValue.map(normalForm) }

    /// A value with every default spelled out, at every level; members in the order of the schema, others last.
    func filled(_ value: JSON) -> JSON {
        switch value {
        case .array(let elements):
            guard let items = keywords.items else { return value }
            return .array(elements.map(items.filled))
        case .object(let object):
            var filled = JSONObject()
            for property in keywords.properties {
                if let value = object[property.name] ?? property.schema.keywords.defaultValue {
                    filled[property.name] = property.schema.filled(value)
                }
            }
            for member in object where !filled.contains(member.key) {
                filled[member.key] = property(member.key)?.filled(member.value) ?? member.value
            }
            return .object(filled)
        case .null, .bool, .integer, .number, .string: return value
        }
    }
}
