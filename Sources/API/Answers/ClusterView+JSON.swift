import Fleet
import JSONText
import Primitives

extension ClusterView {
    /// The answer to `GET /blixard/v1/cluster`: the cluster as the answering node knows it.
    func clusterAnswer(answeredBy local: LocalNode) -> JSON {
        [
            "clusterID": .string(fleet.clusterID),
            "name": .string(local.name),
            "leader": leader.map { ["id": .integer(Int64(clamping: $0.id)), "name": .string($0.name)] } ?? .null,
            "term": .integer(Int64(clamping: term)),
            "quorum": [
                "voters": .integer(Int64(quorum.voters)), "needed": .integer(Int64(quorum.needed)),
                "connected": .integer(Int64(quorum.connected)), "has": .bool(quorum.has),
            ],
            "revision": .string(String(fleet.revision)),
            "level": .integer(Int64(fleet.level)),
            "appliedIndex": .integer(Int64(clamping: fleet.appliedIndex)),
            "commitIndex": .integer(Int64(clamping: commitIndex)),
            "stateHash": .string(
                Hex.encode((0..<8).map { UInt8(truncatingIfNeeded: fleet.stateHash >> (56 - 8 * $0)) })),
            "consistency": isStale ? "stale" : "linearizable",
            "nodes": .array(fleet.members.map(nodeAnswer)),
            "answeredBy": .string(local.name),
        ]
    }

    private func nodeAnswer(_ member: Member) -> JSON {
        let isSelf = member.id == localID
        let known = liveness[member.name]
        let role =
            leader?.id == member.id ? "Leader" : member.role == .learner ? "Learner" : known?.role ?? "Unknown"
        let heard = isSelf ? 0 : known?.lastHeardMilliseconds
        return [
            "id": .integer(Int64(clamping: member.id)),
            "name": .string(member.name),
            "key": .string(member.key.description),
            "addresses": .array(member.addresses.map { .string($0) }),
            "role": .string(role),
            "connected": .bool(isSelf || known?.connected == true),
            "lastHeardSeconds": heard.map { .integer($0 / 1000) } ?? .null,
            "lag": known?.lag.map { .integer(Int64(clamping: $0)) } ?? .null,
            "roundTripMilliseconds": known?.roundTripMicroseconds.map(JSON.milliseconds) ?? .null,
            "self": .bool(isSelf),
        ]
    }
}
