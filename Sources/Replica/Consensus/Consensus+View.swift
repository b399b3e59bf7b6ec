import Primitives
import Raft

// What others ask of consensus.
extension Consensus {
    /// Members that count for a quorum.
    var voters: [NodeID] { raft.confState.voters }

    /// Whether the core has work to hand out.
    var hasReady: Bool { raft.hasReady }

    var isLeader: Bool { raft.isLeader }

    var term: Term { raft.term }

    var isShortOfDisk: Bool { shortage != nil }

    /// Entries that a member is behind the end of this node's log; 0 unless this node leads.
    func lag(of id: NodeID) -> UInt64 {
        guard let progress = raft.progress(of: id), raft.lastIndex > progress.match else { return 0 }
        return UInt64(raft.lastIndex - progress.match)
    }

    /// Whether a member's log reaches nearly as far as what is committed; false unless this node leads.
    func hasLog(_ id: NodeID) -> Bool {
        guard let progress = raft.progress(of: id), progress.recentActive else { return false }
        return progress.match.rawValue + 16 >= raft.commitIndex.rawValue
    }

    /// The place in the log that the state stands for; nil if the log does not know its term any more.
    func snapshotMetadata(at index: LogIndex) -> SnapshotMetadata? {
        raft.storage.term(at: index).map { SnapshotMetadata(index: index, term: $0, confState: raft.confState) }
    }

    /// What decides whether a snapshot of the state is due.
    ///
    /// - Parameter applied: The last entry that the state holds.
    func situation(applied: LogIndex) -> LogSituation {
        LogSituation(
            applied: applied, compacted: raft.storage.compacted.index, stored: raft.storage.snapshot?.index ?? .zero,
            isWaitedFor: !raft.membersWaitingForSnapshot.isEmpty, isShortOfDisk: isShortOfDisk)
    }

    /// Whether this node leads and is not handing leadership to another already.
    var mayTransfer: Bool { raft.isLeader && raft.status.leadTransferee == nil }

    /// The other voters to which leadership may be handed.
    func heirs(_ liveness: PeerLiveness) -> [NodeID] { voters.filter(liveness.mayTakeOver) }

    /// The one whose log is furthest.
    func furthest(of heirs: [NodeID]) -> NodeID? {
        heirs.max { (raft.progress(of: $0)?.match ?? .zero) < (raft.progress(of: $1)?.match ?? .zero) }
    }

    /// Where the log is cut: so that behind it no more is kept than the policy says, in entries and in bytes.
    func lastForgotten(behind index: LogIndex, keeping policy: SnapshotPolicy) throws(RaftError) -> LogIndex {
        let log = raft.storage
        let kept = min(policy.trailingEntries, index - log.compacted.index)
        var bytes = 0
        var end = index
        for entry in try log.entries(index.next - kept, index.next, maxBytes: .max).reversed() {
            bytes += entry.data.count
            guard bytes <= policy.trailingBytes else { break }
            end = entry.index.previous
        }
        return end
    }
}

extension Configuration {
    /// How a replica's core works.
    static func replica(_ id: NodeID, applied: LogIndex) -> Configuration {
        var configuration = Configuration(
            id: id, electionTicks: ReplicaTiming.electionTicks, heartbeatTicks: ReplicaTiming.heartbeatTicks)
        configuration.asynchronousStorageWrites = true
        configuration.checkQuorum = true
        configuration.preVote = true
        configuration.stepDownOnRemoval = true
        configuration.disableProposalForwarding = true
        configuration.maxBytesPerMessage = 1 << 20
        configuration.maxCommittedBytesPerReady = 8 << 20
        configuration.maxUncommittedBytes = 64 << 20
        configuration.maxInflightMessages = 128
        // Less than the mesh lets wait for a peer: what is sent ahead of its acknowledgement must not be dropped here.
        configuration.maxInflightBytes = 16 << 20
        configuration.snapshotTicks = ReplicaTiming.snapshotTicks
        configuration.applied = applied
        return configuration
    }
}
