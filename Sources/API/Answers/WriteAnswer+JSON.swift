import Fleet
import JSONText
import Manifest
import Primitives

extension WriteAnswer {
    /// The answer to an apply or a delete.
    func json(request: RequestID, dryRun: Bool) -> JSON {
        [
            "revision": .string(String(revision)),
            "results": .array(results.map(\.json)),
            "dryRun": .bool(dryRun),
            "request": .string(request.description),
        ]
    }
}

extension MutationResult {
    fileprivate var json: JSON {
        [
            "kind": .string(key.kind), "namespace": .string(key.namespace), "name": .string(key.name),
            "operation": .string(operation.word), "uid": uid.map { .string($0.description) } ?? .null,
            "resourceVersion": .string(String(resourceVersion)),
            "generation": .integer(Int64(clamping: generation)),
        ]
    }
}
