import Contract
import Fleet
import Primitives

extension ClusterView {
    /// The answer to `GET /blixard/v1/cluster`: the cluster as the answering node knows it.
    func state(answeredBy local: LocalNode) -> ClusterState {
        ClusterState(
            clusterID: fleet.clusterID, answeredBy: local.name, leader: leader, term: term, quorum: quorum,
            revision: fleet.revision, level: fleet.level, appliedIndex: fleet.appliedIndex, commitIndex: commitIndex,
            stateHash: Hex.encode((0..<8).map { UInt8(truncatingIfNeeded: fleet.stateHash >> (56 - 8 * $0)) }),
            consistency: isStale ? .stale : .linearizable, nodes: fleet.members.map(node))
    }

    private func node(_ member: Member) -> ClusterNode {
        let isSelf = member.id == localID
        let known = liveness[member.name]
        let heard = isSelf ? 0 : known?.lastHeardMilliseconds
        return ClusterNode(
            member: MemberContact(member), role: known?.role ?? "Unknown",
            connected: isSelf || known?.connected == true,
            lastHeardSeconds: heard.map { $0 / 1000 }, lag: known?.lag,
            roundTripMicroseconds: known?.roundTripMicroseconds, isSelf: isSelf)
    }
}
