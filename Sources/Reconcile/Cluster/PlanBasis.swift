public import Fleet
import JSONText
import Manifest
public import Primitives

/// What a plan for the whole cluster is made from besides what the nodes tell: what one node knows at a moment.
public struct PlanBasis: Sendable {
    public var fleet: Fleet
    /// The name of the node that makes the plan; empty while the fleet does not know it.
    public var local: String
    /// The names of the nodes that placement counts on.
    public var ready: Set<String>
    /// How that node is connected to the others, by their names.
    public var peers: [String: PeerObservation]

    public init(fleet: Fleet, local: String, ready: Set<String>, peers: [String: PeerObservation]) {
        self.fleet = fleet
        self.local = local
        self.ready = ready
        self.peers = peers
    }

    /// What the loops would do after this change; with nil, what they would do now.
    ///
    /// - Parameters:
    ///   - request: The id under which the change would be recorded.
    ///   - author: The key under which it would be.
    ///   - nodes: What each node saw, by name. A node that gave no answer is not in it, and nothing is planned for the
    ///     machines that are there.
    ///   - now: The moment of the plan, by the clock that the observations are dated by.
    ///   - wall: The civil time of the same moment.
    public func plan(
        _ change: DesiredChange?, request: RequestID, author: PublicKey, nodes: [String: NodeObservations],
        now: Instant, wall: WallTime
    ) -> ClusterPlan {
        var basis = self
        var plan = ClusterPlan(revision: fleet.revision, changes: [], actions: [])
        if let change {
            let outcome = basis.fleet.rehearse(change, request: request, baseRevision: nil, author: author, at: wall)
            plan.changes = changes(outcome, change.mutations)
            if case .written(let answer) = outcome {
                plan.set = answer.set
                plan.expectation = expectation(answer)
            }
        }
        plan.actions = basis.actions(nodes: nodes, now: now)
        return plan
    }

    /// What must still be so when the change is applied as it was planned.
    private func expectation(_ answer: WriteAnswer) -> WriteExpectation {
        let pruned = answer.pruned.map(\.key).sorted()
        let objects = (answer.results.map(\.key) + pruned).map { key in
            WriteExpectation.Object(key: key, state: fleet[key].map(ManifestState.init(of:)))
        }
        return WriteExpectation(objects: objects, pruned: pruned)
    }

    private func changes(_ outcome: CommandOutcome, _ mutations: [Mutation]) -> [ObjectChange] {
        switch outcome {
        case .written(let answer):
            let drifted = drifted(answer.set?.name)
            return zip(answer.results, mutations).map { result, mutation in
                ObjectChange(
                    key: result.key, outcome: .done(result.operation), fields: fields(mutation),
                    isDrifted: drifted.contains(result.key))
            }
                + answer.pruned.map { ObjectChange(key: $0.key, outcome: .pruned, fields: []) }
                + answer.released.map { ObjectChange(key: $0, outcome: .released, fields: []) }
        case .refused(let refusals):
            return refusals.compactMap { refusal in
                // A refusal of the whole write stands at its first object.
                (refusal.key ?? mutations.first?.key).map { key in
                    ObjectChange(key: key, outcome: .refused(refusal.message), fields: [])
                }
            }
        case .joined, .done, .batch: return []
        }
    }

    /// Members of a set that are not as its newest revision says: edited by hand since.
    private func drifted(_ set: String?) -> Set<ObjectKey> {
        guard let set, let newest = fleet.manifestSet(named: set)?.newest else { return [] }
        var drifted: Set<ObjectKey> = []
        for manifest in fleet.manifests(of: newest) where fleet.manifestSet(of: manifest.key) == set {
            if let object = fleet[manifest.key], !manifest.describes(object) { drifted.insert(manifest.key) }
        }
        return drifted
    }

    /// What a mutation changes of an object that is there.
    private func fields(_ mutation: Mutation) -> [FieldChange] {
        guard case .put(let put) = mutation, let old = fleet[put.key] else { return [] }
        let metadata = FieldChange.inMetadata(
            labels: (old.labels, put.labels), annotations: (old.annotations, put.annotations))
        // Both are in normal form; in a large apply most are the same.
        guard old.spec != put.spec, let kind = KindInfo.named(put.key.kind), let schema = KindSchema.of(kind),
            // A spec that is no JSON was not written by a program that checks it, and is compared with nothing.
            let oldSpec = try? JSON(parsing: old.spec), let newSpec = try? JSON(parsing: put.spec)
        else { return metadata }
        if kind == .secret, let old = try? SecretSpec(json: oldSpec), let new = try? SecretSpec(json: newSpec) {
            return metadata + SecretSpec.changes(from: old, to: new)
        }
        return metadata + schema.changes(from: oldSpec, to: newSpec)
    }
}
