import Contract
import Fleet
import Hummingbird
import JSONText
import Manifest

extension APIRoutes {
    /// The revisions of a set, without their manifests.
    func setHistory(_ request: Request, _ context: APIContext) async throws -> Response {
        let (name, record, _) = try await set(request, context)
        return .json(SetHistory(name, record))
    }

    /// What one revision of a set said.
    func setRevision(_ request: Request, _ context: APIContext) async throws -> Response {
        let (name, record, fleet) = try await set(request, context)
        let text = context.value(of: .number) ?? ""
        guard let number = UInt64(text) else {
            throw APIStatus(.badRequest, "revision \"\(text)\" must be a whole number")
        }
        guard let revision = record.revision(number) else {
            let kept = record.revisions.map { String($0.number) }.joined(separator: ", ")
            let history = SetHistory(name, record)
            throw APIStatus(
                .notFound,
                "revision \(number) of the set \"\(name)\" is not kept: there are \(kept.isEmpty ? "none" : kept)"
                    + (history.forgotten.map { "; \($0)" } ?? ""))
        }
        try context.output.reserve(limits.wholeAnswerBytes)
        return .json(
            SetRevisionAnswer(
                name: name, summary: SetRevisionSummary(revision),
                documents: fleet.manifests(of: revision).map(\.document)))
    }

    private func set(
        _ request: Request, _ context: APIContext
    ) async throws -> (name: String, record: SetRecord, fleet: Fleet) {
        let wanted = try ReadConsistency(query: try query(request))
        let name = context.value(of: .name) ?? ""
        let fleet = try await backend.view(wanted).fleet
        let key = KindInfo.manifestSet.key(namespace: "", name: name)
        guard fleet[key] != nil, let record = fleet.manifestSet(named: name) else { throw APIStatus.notFound(key) }
        return (name, record, fleet)
    }
}

extension KeptManifest {
    /// As a manifest file would have it.
    fileprivate var document: JSON {
        // A spec that is no JSON was not written by a program that checks it; it shows as missing.
        let spec = (try? JSON(parsing: spec)) ?? .null
        return ManifestDocument(key: key, labels: labels, annotations: annotations, spec: spec, source: "").json
    }
}
