import API
import Contract
import Fleet
import Host
import JSONText
import Manifest
import Mesh
import Primitives
import Raft
import Reconcile
import Replica

// A plan is made from what every node sees now, by the functions that the loops run.
extension AgentBackend {
    func plan(mutations: [Mutation]?) async throws(APIStatus) -> PlanAnswer {
        let view = try await view(.linearizable)
        var fleet = view.fleet
        var objects: [PlannedObject] = []
        if let mutations {
            var generator = SystemRandomNumberGenerator()
            let outcome = fleet.rehearse(
                mutations, request: .random(using: &generator), baseRevision: nil,
                author: core.identity.publicKey, at: view.now)
            objects = planned(outcome, mutations, before: view.fleet)
        }
        let (nodes, unknown) = await observeAll(view.fleet)
        let now = SystemClock.now()
        let (ready, local) = core.host.look { replica in
            (fleet.members.map(\.name).filter { replica.takesMachines($0, now: now) }, replica.name ?? "")
        }
        let connections = core.peerObservations()
        var peers: [String: PeerObservation] = [:]
        for member in view.fleet.members { peers[member.name] = connections[NodeID(member.id)] }
        let actions = planCluster(
            fleet, nodes: nodes, local: local, peers: peers, isReady: ready.contains, now: now)
        return PlanAnswer(
            revision: view.fleet.revision, objects: objects,
            actions: actions.map { action in
                PlannedStep(
                    key: action.key, node: action.node, action: action.action, reason: action.reason,
                    observedAgeMilliseconds: action.observedAgeMilliseconds, changesSomething: action.changesSomething)
            },
            unknown: unknown)
    }

    /// Asks every member at once; one that gives no answer in time is named, and nothing is planned for its machines.
    private func observeAll(_ fleet: Fleet) async -> (nodes: [String: NodeObservations], unknown: [UnobservedNode]) {
        let own = localNode.name
        return await withTaskGroup(of: (String, Result<NodeObservations, UnobservedReason>).self) { group in
            for member in fleet.members {
                group.addTask {
                    if member.name == own {
                        return (own, .success(await observations()))
                    }
                    do throws(ClientFailure) {
                        let json = try await peers.observations(of: member)
                        guard let seen = NodeObservations(json: json, now: SystemClock.now()) else {
                            return (member.name, .failure(UnobservedReason(text: "its answer was not understood")))
                        }
                        return (member.name, .success(seen))
                    } catch {
                        return (member.name, .failure(UnobservedReason(text: "\(error)")))
                    }
                }
            }
            var nodes: [String: NodeObservations] = [:]
            var unknown: [UnobservedNode] = []
            for await (name, result) in group {
                switch result {
                case .success(let seen): nodes[name] = seen
                case .failure(let reason): unknown.append(UnobservedNode(node: name, reason: reason.text))
                }
            }
            return (nodes, unknown.sorted { $0.node < $1.node })
        }
    }

    private struct UnobservedReason: Error {
        let text: String
    }

    private func planned(_ outcome: CommandOutcome, _ mutations: [Mutation], before: Fleet) -> [PlannedObject] {
        switch outcome {
        case .written(let answer):
            return zip(answer.results, mutations).map { result, mutation in
                PlannedObject(
                    key: result.key, operation: result.operation.word, message: nil,
                    fields: changes(mutation, before: before))
            }
        case .refused(let refusals):
            return refusals.map { refusal in
                PlannedObject(
                    key: refusal.key ?? mutations[0].key, operation: "refused", message: refusal.message, fields: [])
            }
        case .joined, .done, .batch: return []
        }
    }

    private func changes(_ mutation: Mutation, before: Fleet) -> [FieldChange] {
        guard case .put(let put) = mutation, let kind = KindInfo.named(put.key.kind), let schema = KindSchema.of(kind),
            let old = before[put.key], let oldSpec = try? JSON(parsing: old.spec),
            let newSpec = try? JSON(parsing: put.spec)
        else { return [] }
        return FieldChange.inMetadata(
            labels: (old.labels, put.labels), annotations: (old.annotations, put.annotations))
            + schema.changes(from: oldSpec, to: newSpec)
    }
}
