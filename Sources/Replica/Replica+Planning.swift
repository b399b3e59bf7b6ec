public import Fleet
public import Primitives
import Raft
public import Reconcile

extension Replica {
    /// Whether the driver is at work on a machine of this node.
    package func isAtWork(on uid: UID) -> Bool { machines.machines[uid]?.work != nil }

    /// The batch of placements that this leader has under way, and the revision that it was decided from.
    package var placementInFlight: (request: RequestID, revision: UInt64?)? {
        duties?.placing.underWay
    }

    /// What a plan that is made at this node, at this moment, is made from besides what the nodes tell.
    public func planBasis(now: Instant) -> PlanBasis {
        var connections: [String: PeerObservation] = [:]
        for member in fleet.members { connections[member.name] = liveness.connections[NodeID(member.id)] }
        return PlanBasis(
            fleet: fleet, local: name ?? "",
            ready: Set(fleet.members.map(\.name).filter { takesMachines($0, now: now) }), peers: connections)
    }
}
