import Fleet
import Raft

/// A leader's snapshot that has arrived, with the state that it holds, until the journal has it.
struct ReceivedSnapshot: Sendable {
    var index: LogIndex
    var fleet: Fleet
}

// Snapshots: when one is made, how the log is cut behind it, and how a member that is far behind takes a leader's.
extension Replica {
    // MARK: Of this node

    mutating func considerSnapshot() {
        guard !snapshotInFlight, snapshotNotBefore.map({ $0 <= now }) ?? true, let order = snapshotDue() else { return }
        snapshotInFlight = true
        snapshotNotBefore = nil
        bytesSinceSnapshot = 0
        effects.append(.saveSnapshot(order))
    }

    private func snapshotDue() -> SnapshotOrder? {
        let index = LogIndex(fleet.appliedIndex)
        let held = index - raft.storage.compacted.index
        // A newcomer whose entries are gone needs a snapshot that names it as a member.
        let isDue =
            held >= snapshotPolicy.entries || bytesSinceSnapshot >= snapshotPolicy.bytes
            || !raft.membersWaitingForSnapshot.isEmpty
            // What lies behind two snapshots is room again.
            || shortage != nil
        guard isDue, index > raft.storage.snapshot?.index ?? .zero, let term = raft.storage.term(at: index)
        else { return nil }
        let metadata = SnapshotMetadata(index: index, term: term, confState: raft.confState)
        return SnapshotOrder(metadata: metadata, fleet: fleet)
    }

    mutating func compact(behind snapshot: Snapshot) {
        snapshotInFlight = false
        do throws(RaftError) {
            try raft.storage.createSnapshot(
                at: snapshot.index, confState: snapshot.metadata.confState, data: snapshot.data)
            let end = try lastForgotten(behind: snapshot.index)
            if end > raft.storage.compacted.index { try raft.storage.compact(to: end) }
        } catch {
            // A newer one came from a leader meanwhile.
            effects.append(.notice(.keptOlderSnapshot(index: snapshot.index, error.description)))
        }
    }

    /// Where the log is cut: so that behind it no more is kept than the policy says, in entries and in bytes.
    private func lastForgotten(behind index: LogIndex) throws(RaftError) -> LogIndex {
        let log = raft.storage
        let kept = min(snapshotPolicy.trailingEntries, index - log.compacted.index)
        var bytes = 0
        var end = index
        for entry in try log.entries(index.next - kept, index.next, maxBytes: .max).reversed() {
            bytes += entry.data.count
            guard bytes <= snapshotPolicy.trailingBytes else { break }
            end = entry.index.previous
        }
        return end
    }

    // MARK: To other members

    mutating func snapshotSent(to node: NodeID, index: LogIndex, isDelivered: Bool) {
        // Whatever ended may not be what the member waits for now; then this costs a probe and nothing else.
        raft.reportSnapshot(node, succeeded: isDelivered)
        if !isDelivered { effects.append(.notice(.undeliveredSnapshot(to: node, index: index))) }
    }

    // MARK: From a leader

    mutating func snapshotReceived(_ message: Message, _ received: Fleet, from node: NodeID) {
        guard let snapshot = message.snapshot, message.kind == .snapshot,
            snapshot.index.rawValue == received.appliedIndex
        else {
            refuseMessage(from: node, "its snapshot is not the state that it names")
            return
        }
        lastHeard[node] = now
        heardSinceElection.insert(node)
        guard isAddressed(message, from: node) else {
            refuseMessage(from: node, "its snapshot is for another node")
            return
        }
        let isNew = !receivedSnapshots.contains { $0.index == snapshot.index }
        if isNew { receivedSnapshots.append(ReceivedSnapshot(index: snapshot.index, fleet: received)) }
        step(message, from: node)
        // One that consensus had no use for will never be stored.
        if isNew, !raft.awaits(snapshot: snapshot.index) {
            receivedSnapshots.removeAll { $0.index == snapshot.index }
        }
    }

    /// The hash of a state that is about to be stored, for whoever reads it back.
    func receivedStateHash(of snapshot: Snapshot) -> UInt64 {
        guard let received = receivedSnapshots.first(where: { $0.index == snapshot.index }) else {
            preconditionFailure("consensus stores a snapshot of index \(snapshot.index) that never arrived")
        }
        return received.fleet.stateHash
    }

    /// The state machine takes a leader's snapshot, which is durable now, before consensus goes on from it.
    mutating func takeState(of snapshot: Snapshot) {
        guard let position = receivedSnapshots.firstIndex(where: { $0.index == snapshot.index }) else {
            preconditionFailure("the journal stored a snapshot of index \(snapshot.index) that never arrived")
        }
        fleet = receivedSnapshots[position].fleet
        receivedSnapshots.removeAll { $0.index <= snapshot.index }
        openLog.applied(through: snapshot.index)
        effects.append(.notice(.restoredSnapshot(index: snapshot.index)))
        adoptFleet()
        effects.append(.membersChanged)
        effects.append(.stateChanged(revision: fleet.revision))
    }
}
