package import Contract
package import Fleet
import JSONText
package import Manifest
package import Sealing

/// Turns documents into mutations: everything is checked and brought to normal form before anything is proposed.
package enum Admission {
    /// The puts of an apply, in the order of its documents, and the set that they are the members of.
    ///
    /// - Throws: 400 for an apply of nothing, or the status that says what is wrong with its documents or its set.
    static func change(of request: ApplyRequest, sealer: SecretSealer) throws(APIStatus) -> DesiredChange {
        guard !request.documents.isEmpty || request.set?.allowsEmpty == true else {
            throw APIStatus(.badRequest, "no objects passed to apply")
        }
        let mutations = try mutations(documents: request.documents, sources: request.sources, sealer: sealer)
        return DesiredChange(
            mutations, set: try set(of: request.set, mutations), expectation: request.expectation)
    }

    /// The set that a ManifestSet among the documents names, or the request itself.
    private static func set(of request: SetRequest?, _ mutations: [Mutation]) throws(APIStatus) -> SetApplication? {
        let named = mutations.map(\.key).filter { $0.kind == KindInfo.manifestSet.kind }.map(\.name)
        guard named.count <= 1 else {
            let names = named.prefix(8).map { "\"\($0)\"" }.joined(separator: ", ")
            throw APIStatus(.badRequest, "one set is applied at a time, and the documents name \(names)")
        }
        if let name = request?.name, let other = named.first, name != other {
            throw APIStatus(
                .badRequest, "the documents name the set \"\(other)\", and the request names \"\(name)\"")
        }
        guard let name = request?.name ?? named.first else {
            guard request == nil else {
                throw APIStatus(
                    .badRequest,
                    "nothing names the set: put a ManifestSet among the documents, or name the set in the request")
            }
            return nil
        }
        if let problem = NameRules.labelProblem(name) {
            throw APIStatus(.badRequest, "set.name: Invalid value: \"\(name)\": \(problem)")
        }
        return SetApplication(
            name: name, prune: request?.prune, maxPrunePercent: request?.maxPrunePercent,
            allowsEmpty: request?.allowsEmpty ?? false, adopts: request?.adopts ?? false,
            expectedRevision: request?.ifRevision, message: request?.message ?? "", commit: request?.commit ?? "")
    }

    /// The deletions of a set, in the order of its objects.
    static func mutations(of request: DeleteRequest) -> [Mutation] {
        request.objects.map { key in
            var delete = Delete(
                key: key, uid: nil, resourceVersion: nil, graceSeconds: request.graceSeconds,
                ignoreMissing: request.ignoresMissing)
            if key.kind == KindInfo.manifestSet.kind { delete.cascade = request.cascade }
            return .delete(delete)
        }
    }

    /// - Parameter sources: What errors call each document, such as `cluster.json:12`; may be shorter or empty.
    static func mutations(
        documents: [JSON], sources: [String], sealer: SecretSealer
    ) throws(APIStatus) -> [Mutation] {
        let named = documents.enumerated().map { position, document in
            ManifestSource(
                name: position < sources.count ? sources[position] : "documents[\(position)]",
                content: .value(document, position: nil))
        }
        let reader = ManifestReader(namespace: KindInfo.defaultNamespace, namespaceIsBinding: false)
        let read: [ManifestDocument]
        do throws(ManifestErrors) {
            read = try reader.read(named)
        } catch {
            throw APIStatus(setOf: error)
        }
        return try puts(of: read, sealer: sealer)
    }

    /// The puts of documents that are valid already, in their order.
    ///
    /// - Throws: If values of a Secret can't be sealed.
    package static func puts(
        of documents: [ManifestDocument], sealer: SecretSealer
    ) throws(APIStatus) -> [Mutation] {
        try documents.map { (document) throws(APIStatus) in
            .put(try put(document, precondition: .none, sealer: sealer))
        }
    }

    /// One object that stands in the body of a request to its own path or its collection.
    ///
    /// - Parameter name: What the path says; nil for a collection.
    static func document(
        _ body: JSON, kind: KindInfo, namespace: String, name: String?
    ) throws(APIStatus) -> ManifestDocument {
        var body = body
        guard body.object != nil else {
            throw APIStatus(.badRequest, "the body must be a \(kind.kind), found \(body.typeDescription)")
        }
        if let stated = body["kind"], stated != .string(kind.kind) {
            throw APIStatus(
                .badRequest, "the body's kind \(text(of: stated)) does not match the \(kind.kind) of the path")
        }
        if let name, let stated = body["metadata"]?["name"], stated != .string(name) {
            throw APIStatus(
                .badRequest,
                "the name of the object (\(text(of: stated))) does not match the name on the URL (\(name))")
        }
        if kind.namespaced, let stated = body["metadata"]?["namespace"], stated != .string(namespace) {
            throw APIStatus(
                .badRequest,
                "the namespace of the object (\(text(of: stated))) does not match the namespace on the URL "
                    + "(\(namespace))")
        }
        // Clients of a typed library leave these to the path.
        if body["apiVersion"] == nil { body["apiVersion"] = .string(KindInfo.apiVersion) }
        if body["kind"] == nil { body["kind"] = .string(kind.kind) }
        let source = ManifestSource(name: "body", content: .value(body, position: nil))
        let reader = ManifestReader(namespace: namespace, namespaceIsBinding: kind.namespaced)
        do throws(ManifestErrors) {
            let documents = try reader.read([source])
            guard documents.count == 1 else {
                throw ManifestErrors(
                    errors: [
                        ManifestError(
                            source: "body", position: nil, object: nil, path: .root, reason: .invalid,
                            detail: "must be exactly one object, found \(documents.count)")
                    ], omitted: 0)
            }
            return documents[0]
        } catch {
            throw APIStatus(
                error, of: kind.key(namespace: namespace, name: name ?? body["metadata"]?["name"]?.string ?? ""))
        }
    }

    /// What records a document. Values of a Secret are sealed here, before anything else sees them.
    ///
    /// - Throws: 503 if nothing can be sealed here yet, 422 for sealed values that this cluster can't open.
    static func put(
        _ document: ManifestDocument, precondition: Precondition, sealer: SecretSealer
    ) throws(APIStatus) -> Put {
        let spec = try document.key.kind == KindInfo.secret.kind ? sealed(document, by: sealer) : document.specBytes
        var put = Put(
            key: document.key, labels: document.labels, annotations: document.annotations, spec: spec,
            precondition: precondition, requiredNode: document.spec["nodeName"]?.string)
        if document.key.kind == KindInfo.manifestSet.kind {
            // The schema admits nothing that the view can't read.
            put.settings = (try? ManifestSetSpec(json: document.spec)).map(SetSettings.init)
        }
        return put
    }

    private static func sealed(_ document: ManifestDocument, by sealer: SecretSealer) throws(APIStatus) -> [UInt8] {
        let spec: SecretSpec
        do throws(NotUnderstood) {
            spec = try SecretSpec(json: document.spec)
        } catch {
            throw APIStatus(.invalid, "\(document.source): \(error)", key: document.key)
        }
        do throws(SealingFailure) {
            return try sealer.seal(spec, of: document.key).json.canonicalBytes
        } catch {
            let message = "\(document.source): \(document.key): \(error)"
            switch error {
            case .missing: throw APIStatus(.serviceUnavailable, message, retryAfterSeconds: 1)
            case .noKey: throw APIStatus(.conflict, message, key: document.key)
            case .closed, .notUnderstood: throw APIStatus(.invalid, message, key: document.key)
            }
        }
    }

    private static func text(of value: JSON) -> String {
        value.string ?? String(decoding: value.canonicalBytes, as: UTF8.self)
    }
}

extension SetSettings {
    init(_ spec: ManifestSetSpec) {
        self.init(
            prune: spec.prune, maxPrunePercent: spec.maxPrunePercent, revisionHistoryLimit: spec.revisionHistoryLimit)
    }
}
