import Contract
import Host
import JSONText
import Manifest
import Primitives

/// What an apply would change, as texts of the live and the applied manifest of each object.
struct ManifestDiff {
    private let plan: PlanAnswer
    private let client: ClusterClient
    private var documents: [ObjectKey: ManifestDocument] = [:]

    init(_ plan: PlanAnswer, documents: [ManifestDocument], client: ClusterClient) {
        self.plan = plan
        self.client = client
        for document in documents { self.documents[document.key] = document }
        for document in plan.sealedDocuments { self.documents[document.key] = document }
    }

    private struct Pair {
        var name: String
        var live: [String]
        var applied: [String]
    }

    /// Unified diffs of all objects that would change, or what BLIXARD_EXTERNAL_DIFF makes of them.
    ///
    /// - Returns: What that program found; nil if there is none. It is not run where nothing would change.
    func print(isColored: Bool) async throws -> Bool? {
        let pairs = try await pairs()
        if let program = client.world.variable(ExternalDiff.variable) {
            guard !pairs.isEmpty else { return false }
            return try await ExternalDiff(program: program, world: client.world).run(
                pairs.map { pair in
                    ExternalDiff.Pair(
                        name: pair.name, live: Self.whole(pair.live), applied: Self.whole(pair.applied))
                })
        }
        for pair in pairs {
            for line in UnifiedDiff(pair.live, pair.applied, name: pair.name).lines {
                let text = line.text.harmless
                try client.world.output.write(exactly: (isColored ? line.tone.colored(text) : text) + "\n")
            }
        }
        return nil
    }

    private static func whole(_ lines: [String]) -> String { lines.map { $0 + "\n" }.joined() }

    /// Of objects whose manifests differ, are new, or would be gone.
    private func pairs() async throws -> [Pair] {
        var pairs: [Pair] = []
        for object in plan.objects {
            let isGone = object.operation == PlannedObject.pruned
            guard isGone || !object.fields.isEmpty || object.operation == "created" else { continue }
            let live = object.operation == "created" ? [] : try await liveText(object.key)
            let applied = isGone ? [] : documents[object.key].map { Self.text($0) } ?? []
            guard live != applied else { continue }
            let place = object.key.namespace.isEmpty ? "" : object.key.namespace + "."
            pairs.append(Pair(name: "\(object.key.kind).\(place)\(object.key.name)", live: live, applied: applied))
        }
        return pairs
    }

    private func liveText(_ key: ObjectKey) async throws -> [String] {
        guard let kind = KindInfo.named(key.kind),
            // It may have gone since it was planned for.
            let object = try await client.objectIfThere(
                kind, namespace: kind.namespace(key.namespace), name: key.name)
        else { return [] }
        var metadata: JSON = ["name": .string(key.name)]
        for name in ["namespace", "labels", "annotations"] {
            if let value = object["metadata"]?[name] { metadata[name] = value }
        }
        return Self.lines(
            SecretText.marked([
                "apiVersion": object["apiVersion"] ?? .null, "kind": object["kind"] ?? .null, "metadata": metadata,
                "spec": object["spec"] ?? [:],
            ]))
    }

    /// With every default, as the cluster shows objects.
    private static func text(_ document: ManifestDocument) -> [String] {
        if document.key.kind == KindInfo.secret.kind { return lines(SecretText.marked(document.json)) }
        var json = document.json
        if let kind = KindInfo.named(document.key.kind), let schema = KindSchema.of(kind) {
            json["spec"] = schema.filled(spec: document.spec)
        }
        return lines(json)
    }

    /// In one order of members, so that only values differ.
    private static func lines(_ json: JSON) -> [String] {
        let sorted = (try? JSON(parsing: json.canonicalBytes)) ?? json  // What was written canonically can be read.
        return YAMLText.render(sorted).split(separator: "\n").map(String.init)
    }
}

extension UnifiedDiff.Line {
    var tone: PlanTone {
        switch self {
        case .header: .remark
        case .same: .plain
        case .removed: .removed
        case .added: .created
        }
    }
}
