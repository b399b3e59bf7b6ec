import Fleet
import Host
import Mesh
import Primitives
import Raft
import Replica

/// How snapshots travel between this node and the others.
final class SnapshotExchange: Sendable {
    let sender: SnapshotSender
    let receiver: SnapshotReceiver

    /// - Parameters:
    ///   - directory: Holds nothing but unfinished snapshots.
    ///   - dialer: Its loops carry what is sent; nothing urgent lives on them.
    init(_ core: AgentCore, directory: String, dialer: Dialer) {
        let pool = BlockingPool(named: "snapshot-io", threads: 2)
        let host = core.host
        sender = SnapshotSender(
            clusterID: core.record.clusterID,
            client: StreamClient(dialer: dialer, settings: .standard),
            patience: .standard, pool: pool, logger: core.logger,
            target: { [core] in core.target(of: $0) },
            report: { host.post(.snapshotSent(to: $0, index: $1, isDelivered: $2)) })
        receiver = SnapshotReceiver(
            node: NodeID(core.record.nodeID), clusterID: core.record.clusterID, directory: directory, pool: pool,
            members: core.members, logger: core.logger,
            hasRoom: { host.look { !$0.isShortOfDisk } },
            appliedIndex: { host.look { LogIndex($0.fleet.appliedIndex) } },
            deliver: { host.post(.snapshotReceived(from: $0, $1, $2)) })
    }
}

extension AgentCore {
    /// Where a member can be dialed; nil if it is none.
    fileprivate func target(of node: NodeID) -> DialTarget? {
        guard let key = members.key(of: node) else { return nil }
        let addresses =
            host.look { $0.fleet.member(id: node.rawValue)?.addresses }
            ?? learnedMembers.members.first { $0.key == key }?.addresses
        return .key(key, addresses: addresses ?? [])
    }
}
