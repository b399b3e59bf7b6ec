import API
import Contract
import Crypto
import Fleet
import Mesh
import Primitives
import Replica
import Sealing

extension AgentBackend {
    func join(
        secret: [UInt8], key: PublicKey, addresses: [String], name: String?, incarnation: UInt64
    ) async throws(APIStatus) -> JoinAnswer {
        // A membership change that came between, or an id that another newcomer got first, is tried again.
        for attempt in 0..<5 {
            let fleet = try await view(.linearizable).fleet
            let join = Join(
                id: fleet.nextMemberID, name: name, key: key, addresses: addresses,
                ticketHash: Array(SHA256.hash(data: secret)), incarnation: incarnation)
            var generator = SystemRandomNumberGenerator()
            switch await submit(.join(join), request: .random(using: &generator), author: key) {
            case .success(.joined(let member)): return answer(member, core.host.look { $0.fleet })
            case .success(.refused(let refusals)):
                if refusals.contains(where: { $0.reason == .stale }) { break }
                throw APIStatus(.forbidden, refusals.map(\.message).joined(separator: "; "))
            case .success(.written), .success(.done), .success(.batch):
                throw APIStatus(.internalError, "the cluster answered something else than a join")
            case .failure(.unavailable) where attempt < 4: break
            case .failure(let failure): throw APIStatus(failure)
            }
            // Ends early only by cancellation; then the next attempt finds out.
            try? await Task.sleep(for: .milliseconds(200))
        }
        throw .unavailable("other membership changes are under way; try again")
    }

    private func answer(_ member: Member, _ fleet: Fleet) -> JoinAnswer {
        JoinAnswer(
            clusterID: core.record.clusterID, id: member.id, name: member.name,
            members: fleet.members.map(MemberContact.init),
            secretsKeys: core.secrets.keyring.keys.map(SharedSecretsKey.init))
    }
}
