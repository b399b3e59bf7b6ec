import Contract
import JSONText
import Manifest

/// Changes one object as it is now: reads it, patches it under the precondition that it did not change in between, and
/// begins anew if it did.
struct ObjectEdit {
    let client: ClusterClient
    let kind: KindInfo
    let namespace: String
    let name: String
    let options: WriteOptions
    /// Whether the change is only tried.
    var dryRun = DryRun.none

    private static let attempts = 6

    enum Change {
        /// A merge patch (RFC 7386).
        case patch(JSON)
        /// The object is as it should be already.
        case nothing
    }

    /// Whether something was changed.
    ///
    /// - Parameter change: Called with the object as it is; once more for every conflict.
    func run(_ change: (JSON) throws -> Change) async throws -> Bool {
        let path = ResourcePath.object(kind, namespace: kind.namespace(namespace), name: name)
        var conflict: ClientFailure?
        for attempt in 0..<Self.attempts {
            let object = try await client.object(kind, namespace: kind.namespace(namespace), name: name)
            guard case .patch(var patch) = try change(object) else { return false }
            guard let version = object.resourceVersion, let revision = UInt64(version) else {
                throw ClientFailure.protocolViolation("\(kind.kind) \(name) has no resourceVersion")
            }
            var metadata = patch["metadata"] ?? .object([:])
            metadata["resourceVersion"] = .string(version)
            patch["metadata"] = metadata
            // A refused id keeps its refusal, so every further attempt needs an id of its own.
            let reference =
                attempt == 0 && options.requestID != nil
                ? try await options.reference(with: client)
                : RequestReference(random: client.world.randomBytes(16), baseRevision: revision)
            do {
                _ = try await ClusterWrite(client, reference: reference).send(
                    "PATCH", path, query: dryRun.query, body: patch, contentType: MediaType.mergePatch)
                return true
            } catch let failure as ClientFailure where failure.isConflict {
                conflict = failure
                // Others write to the same object right now: give them a moment, each time a longer one.
                try await client.world.clock.sleep(milliseconds: 20 << Int64(attempt))
            }
        }
        throw CommandFailure(
            text: (conflict?.text ?? "error: conflict")
                + "\n\(Self.attempts) attempts met such a change")
    }
}
