public import JSONText

/// One object as a user wants it: checked against its kind's schema and in normal form.
public struct ManifestDocument: Hashable, Sendable {
    public let key: ObjectKey
    public let labels: [String: String]
    public let annotations: [String: String]
    /// Normal form: quantities canonical, members that equal their default left out, keys sorted. Of a Secret it may
    /// hold values that are not sealed yet, in `data`.
    public let spec: JSON
    /// `spec` as canonical bytes; two specs mean the same exactly if these are equal.
    public let specBytes: [UInt8]
    /// Where the document stood: `cluster.json:12:3`.
    public let source: String

    public init(
        key: ObjectKey, labels: [String: String], annotations: [String: String], spec: JSON, source: String
    ) {
        self.key = key
        self.labels = labels
        self.annotations = annotations
        self.spec = spec
        self.specBytes = spec.canonicalBytes
        self.source = source
    }

    /// The whole document as it could be written in a file.
    public var json: JSON {
        var metadata: JSON = ["name": .string(key.name)]
        if !key.namespace.isEmpty { metadata["namespace"] = .string(key.namespace) }
        if !labels.isEmpty { metadata["labels"] = .strings(labels) }
        if !annotations.isEmpty { metadata["annotations"] = .strings(annotations) }
        var json: JSON = [
            "apiVersion": .string(KindInfo.apiVersion), "kind": .string(key.kind), "metadata": metadata,
        ]
        var spec = spec
        if key.kind == KindInfo.secret.kind, let data = spec["data"] {
            json["data"] = data
            spec["data"] = nil
            if spec == [:] { return json }
        }
        json["spec"] = spec
        return json
    }
}

extension JSON {
    /// An object of strings, sorted by key.
    static func strings(_ map: [String: String]) -> JSON {
        .object(
            JSONObject(
                uniqueMembers: map.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
                    .map { JSONObject.Member(key: $0.key, value: .string($0.value)) }))
    }
}
