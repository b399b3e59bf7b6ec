import Fleet
import Mesh
import Primitives
import Raft
import Replica
import Synchronization

/// Follows the cluster's members: who may speak to this node, which it dials, and which its snapshots are for.
final class MembershipUpdater: Sendable {
    private let core: AgentCore
    private let server: MeshServer
    private let sender: SnapshotSender
    /// Held for the whole of an update, so that what was seen later is never overwritten by what was seen before.
    private let isUpdating = Mutex(())

    init(_ core: AgentCore, server: MeshServer, sender: SnapshotSender) {
        self.core = core
        self.server = server
        self.sender = sender
    }

    /// Takes the members of the state, and those that were learned of others while the state may not know them.
    func update() {
        isUpdating.withLock { _ in
            let (fleet, leader, isCaughtUp) = core.host.look { ($0.fleet, $0.leader, $0.isCaughtUp) }
            if isCaughtUp, let leader, fleet.member(id: leader.rawValue) != nil { core.learnedMembers.forget() }
            let learned = core.learnedMembers.members
            core.members.update(fleet, learned: learned)
            sender.keep(core.members.ids)
            let known = Set(fleet.members.map(\.key))
            core.network.setPeers(
                fleet.members.map { PeerAddress(key: $0.key, addresses: $0.addresses) }
                    + learned.filter { !known.contains($0.key) }
                    .map { PeerAddress(key: $0.key, addresses: $0.addresses) })
            server.recheckAdmissions()
        }
    }
}
