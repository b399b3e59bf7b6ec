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
        await withTaskGroup(of: Look.self) { group in
            for member in fleet.members { group.addTask { await look(at: member) } }
            var nodes: [String: NodeObservations] = [:]
            var unknown: [UnobservedNode] = []
            for await look in group {
                switch look {
                case .seen(let node, let observations): nodes[node] = observations
                case .unknown(let node): unknown.append(node)
                }
            }
            return (nodes, unknown.sorted { $0.node < $1.node })
        }
    }

    private enum Look: Sendable {
        case seen(node: String, NodeObservations)
        case unknown(UnobservedNode)
    }

    /// Not in the closure of the child task: returned out of a typed `do` there, the result is garbage in the optimised
    /// code of Swift 6.3, and the node crashes.
    private func look(at member: Member) async -> Look {
        if member.name == localNode.name { return .seen(node: member.name, await observations()) }
        let seen: NodeObservations
        do throws(ClientFailure) {
            seen = try await peers.observations(of: member)
        } catch {
            return .unknown(UnobservedNode(node: member.name, reason: "\(error)"))
        }
        return .seen(node: member.name, seen)
    }
}
