import Fleet
public import Primitives
import Raft
public import Reconcile

extension Replica {
    /// What a plan that is made at this node, at this moment, is made from besides what the nodes tell.
    public func planBasis(now: Instant) -> PlanBasis {
        var connections: [String: PeerObservation] = [:]
        for member in fleet.members { connections[member.name] = liveness.connections[NodeID(member.id)] }
        return PlanBasis(
            fleet: fleet, local: name ?? "",
            ready: Set(fleet.members.map(\.name).filter { takesMachines($0, now: now) }), peers: connections)
    }
}
