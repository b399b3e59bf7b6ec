import API
import Contract
import Fleet
import Manifest
import Mesh
import Primitives
import Raft
import Replica

// What the API asks about Git repositories. The leader alone fetches them.
extension AgentBackend {
    func reconcile(
        source name: String, request: RequestID, author: PublicKey?
    ) async throws(APIStatus) -> ReconcileAnswer {
        let (leader, fleet) = core.host.look { ($0.leader, $0.fleet) }
        guard let leader else {
            throw .unavailable("no leader is known, and the leader fetches; ask again in a moment")
        }
        guard leader != core.host.look({ $0.identity.id }) else { return try await want(name, request) }
        guard let member = fleet.member(id: leader.rawValue) else {
            throw .unavailable("node \(leader) leads, and its address is not known here yet; ask again in a moment")
        }
        guard author.flatMap(fleet.member(key:)) == nil else {
            throw .unavailable("\(localNode.name) does not lead, \(member.name) does; ask again in a moment")
        }
        return try await peers.reconcile(source: name, at: member)
    }

    private func want(_ name: String, _ request: RequestID) async throws(APIStatus) -> ReconcileAnswer {
        let host = core.host
        switch await core.answers.source({ host.post(.sourceWanted(name, request, $0)) }) {
        case .accepted(let request, let waits): return ReconcileAnswer(request: request, waits: waits)
        case .missing: throw .notFound(KindInfo.gitRepository.key(namespace: "", name: name))
        case .suspended:
            throw APIStatus(.conflict, "gitrepository \"\(name)\" is suspended: set spec.suspend to false first")
        case .notUnderstood:
            throw APIStatus(
                .conflict,
                "\(localNode.name) leads and does not understand the spec of gitrepository \"\(name)\": it "
                    + "was written for a newer blixard")
        case .notLeader:
            throw .unavailable("\(localNode.name) does not lead any more, or not yet; ask again in a moment")
        }
    }
}
