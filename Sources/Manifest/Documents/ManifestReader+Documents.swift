import JSONText
import Primitives

extension ManifestReader {
    /// The document that a candidate is; nil, and why in the log, if it is none.
    func read(_ candidate: Candidate, log: inout ErrorLog) -> ManifestDocument? {
        var violations: [Violation] = []
        guard let schema = schema(of: candidate.value, violations: &violations) else {
            log.add(violations, in: candidate, object: nil)
            return nil
        }
        let kind = schema.kind
        let value = Self.withoutEmptyStamps(candidate.value)
        violations = schema.document.violations(of: value, at: .root)
        let metadata = value["metadata"]
        let name = metadata?["name"]?.string
        let namespace = metadata?["namespace"]?.string
        adjust(&violations, kind: kind, namespace: namespace)
        if violations.isEmpty, kind == .virtualMachine, let spec = value["spec"] {
            violations += Violation.relations(ofMachine: spec)
        }
        if kind == .secret {
            violations = violations.isEmpty ? Violation.relations(ofSecret: value) : violations.map(\.withoutSecret)
        }
        guard violations.isEmpty, let name else {
            let object = name.map { "\(kind.kind) \($0)" } ?? kind.kind
            log.add(violations, in: candidate, object: object)
            return nil
        }
        return ManifestDocument(
            key: kind.key(namespace: namespace ?? self.namespace, name: name),
            labels: Self.map(metadata?["labels"]), annotations: Self.map(metadata?["annotations"]),
            spec: kind == .secret
                ? SecretSpec(document: value).json : schema.normalForm(ofSpec: value["spec"] ?? [:]),
            source: candidate.place)
    }

    /// The schema that a document names, or why it names none.
    private func schema(of value: JSON, violations: inout [Violation]) -> KindSchema? {
        guard value.object != nil else {
            violations.append(.wrongType(.root, value, "an object"))
            return nil
        }
        let path = JSONPath(keys: "kind")
        guard let word = value["kind"] else {
            violations.append(.required(path))
            if value["apiVersion"] == nil { violations.append(.required(JSONPath(keys: "apiVersion"))) }
            return nil
        }
        guard let name = word.string else {
            violations.append(.wrongType(path, word, "a string"))
            return nil
        }
        if let kind = KindInfo.all.first(where: { $0.kind == name }) {
            if let schema = KindSchema.of(kind) { return schema }
            violations.append(.forbidden(path, "\(kind.plural) are written by the cluster alone"))
            return nil
        }
        let known = KindInfo.writable.map(\.kind)
        var detail = "Unsupported value: \(Violation.shown(word)): supported values: "
        detail += known.map { "\"\($0)\"" }.joined(separator: ", ")
        if let near = KindInfo.named(name)?.kind ?? EditDistance.nearest(to: name, among: known) {
            detail += ", did you mean \"\(near)\"?"
        }
        violations.append(Violation(path: path, reason: .notSupported, detail: detail))
        return nil
    }

    /// What the schema says of namespaces in the words of its kind, and what this reader demands of them.
    private func adjust(_ violations: inout [Violation], kind: KindInfo, namespace: String?) {
        let path = JSONPath(keys: "metadata", "namespace")
        if !kind.namespaced {
            violations = violations.map { violation in
                guard violation.path == path, violation.reason == .unknownField else { return violation }
                return .forbidden(path, "a \(kind.kind) belongs to the whole cluster and may not have a namespace")
            }
        } else if namespaceIsBinding, let namespace, namespace != self.namespace {
            violations.append(
                .invalid(path, .string(namespace), "does not match the namespace \"\(self.namespace)\" of the request"))
        }
    }

    /// The document without the `null`s that clients in Go write for times and a status that they do not know.
    private static func withoutEmptyStamps(_ value: JSON) -> JSON {
        var value = value
        if value["status"]?.isNull == true { value["status"] = nil }
        guard let metadata = value["metadata"]?.object else { return value }
        for stamp in ["creationTimestamp", "deletionTimestamp"] where metadata[stamp]?.isNull == true {
            value["metadata"]?[stamp] = nil
        }
        return value
    }

    private static func map(_ value: JSON?) -> [String: String] {
        var map: [String: String] = [:]
        for member in value?.object ?? [:] { map[member.key] = member.value.string }
        return map
    }
}
