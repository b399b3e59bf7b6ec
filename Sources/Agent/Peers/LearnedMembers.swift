import Contract
import JSONText
import Mesh
import Primitives
import Synchronization

/// Members that this node has learned of from others, for as long as its own log may not know them.
///
/// A node that was away while others joined would take a leader among them for a stranger, and never get the log that
/// says otherwise. So a newcomer starts with the members that were named at its join, and a node that hears no leader
/// asks the members that it knows for the others.
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

extension Ticket.Member {
    init(_ member: MemberContact) {
        self.init(key: member.key, addresses: member.addresses, nodeID: member.id)
    }

    /// Reads a list of members as a node keeps it; nil if one of them lacks id, key or addresses.
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
