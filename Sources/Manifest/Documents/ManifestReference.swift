public import JSONText

/// A field of a document that names another object.
public struct ManifestReference: Hashable, Sendable {
    /// From the document's root: `spec.disks[0].image`.
    public let path: JSONPath
    /// The object that is named; of a kind with namespaces, the one in the document's own.
    public let target: ObjectKey

    public init(path: JSONPath, target: ObjectKey) {
        self.path = path
        self.target = target
    }
}

extension ManifestDocument {
    /// The fields of the spec that name other objects: those with `x-blixard-reference` in the schema, in the order of
    /// their keys.
    public var references: [ManifestReference] {
        guard let kind = KindInfo.all.first(where: { $0.kind == key.kind }), let schema = KindSchema.of(kind) else {
            return []
        }
        return schema.spec.references(in: spec, at: JSONPath(keys: "spec"), beside: nil).map {
            path, kind, name, beside in
            // An object of the whole cluster says the namespace beside the name.
            let namespace = key.namespace.isEmpty ? beside ?? KindInfo.defaultNamespace : key.namespace
            return ManifestReference(path: path, target: kind.key(namespace: namespace, name: name))
        }
    }
}

extension Schema {
    /// The strings in a valid value that name objects, each with the namespace that is said beside it.
    fileprivate func references(
        in value: JSON, at path: JSONPath, beside namespace: String?
    ) -> [(JSONPath, KindInfo, String, String?)] {
        switch value {
        case .string(let name): keywords.reference.map { [(path, $0, name, namespace)] } ?? []
        case .array(let elements):
            elements.enumerated().flatMap { index, element in
                keywords.items?.references(in: element, at: path.appending(index), beside: nil) ?? []
            }
        case .object(let object):
            object.flatMap { member in
                property(member.key)?.references(
                    in: member.value, at: path.appending(member.key), beside: object["namespace"]?.string) ?? []
            }
        case .null, .bool, .integer, .number: []
        }
    }
}
