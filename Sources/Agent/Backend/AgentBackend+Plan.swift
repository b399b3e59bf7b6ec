import API
import Contract
import Fleet
import Host
import Manifest
import Mesh
import Primitives
import Reconcile
import Replica

// A plan is made from what every node sees now, by the functions that the loops run.
extension AgentBackend {
    func plan(_ change: DesiredChange?) async throws(APIStatus) -> PlanAnswer {
        _ = try await view(.linearizable)
        let basis = core.host.look { $0.planBasis(now: SystemClock.now()) }
        let (nodes, unknown) = await observeAll(basis.fleet)
        var generator = SystemRandomNumberGenerator()
        let plan = basis.plan(
            change, request: .random(using: &generator), author: core.identity.publicKey, nodes: nodes,
            now: SystemClock.now(), wall: SystemClock.wallTime())
        return PlanAnswer(
            revision: plan.revision, objects: plan.changes.map(PlannedObject.init), actions: plan.actions,
            unknown: unknown, cluster: basis.fleet.clusterID, set: plan.set, expectation: plan.expectation)
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
                        return (member.name, .success(try await peers.observations(of: member)))
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
}
