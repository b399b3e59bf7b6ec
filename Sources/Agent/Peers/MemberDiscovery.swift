import API
import Contract
import Fleet
import Logging
import Mesh
import Primitives
import Replica

/// Asks the members that are known for the others, while no leader is heard.
struct MemberDiscovery: Sendable {
    let core: AgentCore
    let calls: PeerCalls
    let membership: MembershipUpdater

    private static let roundMilliseconds: Int64 = 2000
    /// Rounds without a leader after which members are asked; an election takes less.
    private static let silentRounds = 3

    /// Runs until cancelled.
    func run() async {
        var silentRounds = 0
        while !Task.isCancelled {
            // Ends early only by cancellation, which the loop sees.
            try? await Task.sleep(for: .milliseconds(Self.roundMilliseconds))
            let (leader, fleet) = core.host.look { ($0.leader, $0.fleet) }
            calls.keep(Set(fleet.members.map(\.key) + core.learnedMembers.members.map(\.key)))
            silentRounds = leader == nil ? silentRounds + 1 : 0
            guard silentRounds >= Self.silentRounds else { continue }
            silentRounds = 0
            let known = fleet.members.map { Ticket.Member(key: $0.key, addresses: $0.addresses, nodeID: $0.id) }
            for member in (known.isEmpty ? core.learnedMembers.members : known)
            where member.key != core.identity.publicKey {
                await ask(member, known)
            }
        }
    }

    private func ask(_ member: Ticket.Member, _ known: [Ticket.Member]) async {
        do throws(ClientFailure) {
            let told = try await calls.members(of: core.record.clusterID, toldBy: member) ?? []
            if core.learnedMembers.add(told.filter { !known.contains($0) }) { membership.update() }
        } catch {
            core.logger.debug(
                "a member names no others", metadata: ["id": "\(member.nodeID)", "error": "\(error)"])
        }
    }
}
