import API
import Fleet
import JSONText
import Logging
import Mesh
import Primitives
import Replica
import Synchronization

/// Members that this node has learned of from others, for as long as its own log may not know them.
///
/// A node that was away while others joined would take a leader among them for a stranger, and never get the log that
/// says otherwise. So a newcomer starts with the members that were named at its join, and a node that hears no leader asks
/// the members that it knows for the others.
final class LearnedMembers: Sendable {
    private let learned: Mutex<[Ticket.Member]>

    init(_ members: [Ticket.Member]) {
        learned = Mutex(members)
    }

    var members: [Ticket.Member] { learned.withLock { $0 } }

    /// More than a cluster has; members beyond that are not taken.
    static let limit = 1024

    /// Adds those that are new, or are somewhere else than before, and answers whether any was.
    func add(_ members: [Ticket.Member]) -> Bool {
        learned.withLock { learned in
            let before = learned
            for member in members {
                if let position = learned.firstIndex(where: { $0.key == member.key }) {
                    learned[position] = member
                } else if learned.count < Self.limit {
                    learned.append(member)
                }
            }
            return learned != before
        }
    }

    /// The log says by now who is a member.
    func forget() {
        learned.withLock { $0 = [] }
    }
}

extension AgentCore {
    /// Asks the members that are known who else there is, while no leader is heard.
    func watchLeader(_ calls: PeerCalls) async {
        var silentRounds = 0
        while !Task.isCancelled {
            // Ends early only by cancellation, which the loop sees.
            try? await Task.sleep(for: .seconds(2))
            let (leader, fleet) = host.look { ($0.leader, $0.fleet) }
            calls.keep(Set(fleet.members.map(\.key) + learnedMembers.members.map(\.key)))
            silentRounds = leader == nil ? silentRounds + 1 : 0
            // An election takes less.
            guard silentRounds >= 3 else { continue }
            silentRounds = 0
            let known = fleet.members.map { Ticket.Member(key: $0.key, addresses: $0.addresses, nodeID: $0.id) }
            for member in (known.isEmpty ? learnedMembers.members : known) where member.key != identity.publicKey {
                await askForMembers(member, calls, known)
            }
        }
    }

    private func askForMembers(_ member: Ticket.Member, _ calls: PeerCalls, _ known: [Ticket.Member]) async {
        do throws(ClientFailure) {
            let told = try await calls.members(of: record.clusterID, toldBy: member) ?? []
            if learnedMembers.add(told.filter { !known.contains($0) }) { adoptMembers() }
        } catch {
            logger.debug("a member names no others", metadata: ["id": "\(member.nodeID)", "error": "\(error)"])
        }
    }
}

extension Ticket.Member {
    /// Reads a list of members as nodes tell it to each other; nil if one of them lacks id, key or addresses.
    static func list(_ json: JSON?) -> [Ticket.Member]? {
        guard let list = json?.array else { return nil }
        var members: [Ticket.Member] = []
        for item in list {
            guard let id = item["id"]?.integer, id > 0, let key = item["key"]?.string.flatMap({ PublicKey(hex: $0) }),
                let addresses = item["addresses"]?.array
            else { return nil }
            members.append(
                Ticket.Member(key: key, addresses: addresses.compactMap(\.string), nodeID: UInt64(id)))
        }
        return members
    }
}
