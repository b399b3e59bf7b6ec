import Fleet
import Mesh
import Primitives
import Raft
import Synchronization

/// Who is a member and who may speak, for event loops that can't ask the replica.
final class MemberDirectory: Sendable {
    private struct State {
        /// `keys` and `ids` are each other's inverse.
        var keys: [NodeID: PublicKey] = [:]
        var ids: [PublicKey: NodeID] = [:]
        var users: [PublicKey: Admission] = [:]
    }

    private let state = Mutex(State())

    /// - Parameter learned: Members that the node has learned of from others, as long as its log may not know them
    ///   yet: the leader that is to send it that log may have joined late itself.
    func update(_ fleet: Fleet, learned: [Ticket.Member]) {
        state.withLock { state in
            state.keys = [:]
            state.ids = [:]
            for member in fleet.members {
                state.keys[NodeID(member.id)] = member.key
                state.ids[member.key] = NodeID(member.id)
            }
            for member in learned where state.keys[NodeID(member.nodeID)] == nil && state.ids[member.key] == nil {
                state.keys[NodeID(member.nodeID)] = member.key
                state.ids[member.key] = NodeID(member.nodeID)
            }
            state.users = Dictionary(
                fleet.accessEntries.map { ($0.key, $0.role == .admin ? .administrator : .user) },
                uniquingKeysWith: { first, _ in first })
        }
    }

    func key(of id: NodeID) -> PublicKey? { state.withLock { $0.keys[id] } }
    func id(of key: PublicKey) -> NodeID? { state.withLock { $0.ids[key] } }
    var ids: Set<NodeID> { state.withLock { Set($0.keys.keys) } }

    /// Judges a key for a protocol of the mesh.
    func admission(of key: PublicKey, for alpn: ALPN) -> Admission {
        state.withLock { state in
            if state.ids[key] != nil { return .member }
            if alpn == .http, let user = state.users[key] { return user }
            return .refused(
                reason: "key \(key) is not admitted; an administrator can grant it a role, "
                    + "or a node joins with a ticket from `blixard ticket create`")
        }
    }
}
