import Fleet
import Primitives
import Raft
import Wire

/// Consensus of this node: its core, what the journal is to make durable for it, and when another is to lead instead.
struct Consensus: Sendable {
    /// The core. Its storage is what the journal was given.
    private(set) var raft: RaftNode
    /// What the core's work last told of role and leader; the core may be a step ahead.
    private(set) var softState = SoftState(leader: nil, role: .follower)
    /// What was given to the journal.
    private(set) var journal: JournalWork
    /// About how many bytes of the log are not applied.
    private(set) var openLog = OpenLog()
    /// Set while the log can't grow; then the core takes no office and no entries.
    private(set) var shortage: DiskShortage?
    /// Messages of members that no correct member sends; never less.
    private(set) var refusedMessages: UInt64 = 0

    /// - Parameters:
    ///   - storage: What the journal recovered.
    ///   - applied: The index of the state that is there.
    init(id: NodeID, storage: MemoryStorage, applied: LogIndex, generator: SeededGenerator) {
        journal = JournalWork(
            promise: JournalWork.Promise(term: storage.hardState.term, vote: storage.hardState.vote))
        raft = RaftNode(
            configuration: .replica(id, applied: applied), storage: storage, generator: generator)
        // An index that the snapshot has passed holds nothing that is open.
        let open = try? raft.storage.entries(raft.storage.compacted.index.next, raft.lastIndex.next, maxBytes: .max)
        openLog.append((open ?? []).filter { $0.index > applied })
    }

    // MARK: Time and work of the core

    mutating func tick() {
        raft.tick()
        journal.tick()
        // Nothing that this node takes can become durable.
        if journal.isStalled { raft.resign() }
    }

    /// What the core wants done, of which the messages are to be handled in their order.
    mutating func ready() -> Ready {
        var ready = raft.ready()
        ready.messages = ready.messages.withVotesAfterAppend
        return ready
    }

    /// Takes what the core's work tells of role and leader; answers whether this node was elected.
    mutating func take(_ soft: SoftState, effects: inout Effects) -> Bool {
        let wasLeader = softState.role == .leader
        softState = soft
        effects.notice(.role(soft.role, term: raft.term, leader: soft.leader))
        return soft.role == .leader && !wasLeader
    }

    // MARK: Messages

    /// A snapshot is no message among others: it may be large, so it travels on a connection of its own.
    func send(_ message: Message, effects: inout Effects) {
        let isSnapshot = message.kind == .snapshot
        effects.append(
            isSnapshot ? .sendSnapshot(to: message.to, message) : .send(to: message.to, .raft(message)))
    }

    /// The sender is the key that the mesh has proven, never a field.
    func isAddressed(_ message: Message, from node: NodeID) -> Bool {
        message.from == node && message.to == raft.id
    }

    /// Takes a message of a member; one that no correct member sends is refused and counted.
    mutating func step(_ message: Message, from node: NodeID, effects: inout Effects) {
        guard message.kind.travels else {
            refuseMessage(from: node, "members say no \(message.kind) to each other", effects: &effects)
            return
        }
        guard isAddressed(message, from: node) else {
            refuseMessage(from: node, "it names node \(message.from) as its sender", effects: &effects)
            return
        }
        // As if it had been lost: what consensus takes must be written, and a write without room holds up all that
        // follow, votes too. A leader that has heard so sends none.
        if shortage != nil, message.growsLog { return }
        do throws(RaftError) {
            try raft.step(message)
        } catch .proposalDropped {
            // A proposal that came by the core's own way; ours never do.
        } catch {
            refuseMessage(from: node, error.description, effects: &effects)
        }
    }

    mutating func refuseMessage(from node: NodeID, _ why: String, effects: inout Effects) {
        refusedMessages += 1
        effects.notice(.refusedMessage(from: node, why))
    }

    mutating func unreachable(_ node: NodeID) { raft.reportUnreachable(node) }

    /// The transfer of a snapshot to a member has ended.
    mutating func snapshotSent(to node: NodeID, index: LogIndex, isDelivered: Bool, effects: inout Effects) {
        // Whatever ended may not be what the member waits for now; then this costs a probe and nothing else.
        raft.reportSnapshot(node, succeeded: isDelivered)
        if !isDelivered { effects.notice(.undeliveredSnapshot(to: node, index: index)) }
    }

    mutating func askForReadIndex(_ context: [UInt8]) { raft.readIndex(context: context) }

    // MARK: The log

    /// Puts entries into the log, all of them or none.
    ///
    /// - Throws: `notLeader`, or `unavailable` if the leader takes none at the moment.
    mutating func propose(_ entries: [Entry]) throws(WriteFailure) {
        if shortage != nil { throw .unavailable(.diskFull(leader: raft.id.rawValue)) }
        do throws(RaftError) {
            try raft.propose(entries)
        } catch {
            throw raft.isLeader ? .unavailable(.leaderBusy) : .notLeader
        }
    }

    /// Hands work of the core to the journal; answers the work if it is complete without, so that
    /// ``complete(_:effects:)`` is due at once.
    ///
    /// - Parameter snapshotStateHash: Of the state in the work's snapshot; nil if it has none.
    mutating func append(_ work: Message, snapshotStateHash: UInt64?, effects: inout Effects) -> Message? {
        guard let work = journal.begin(work) else { return work }
        openLog.append(work.entries)
        effects.append(
            .append(AppendWork(message: work, snapshotStateHash: snapshotStateHash, writesCommit: false)))
        return nil
    }

    /// The journal has made work durable that it was given.
    mutating func appended() { journal.complete() }

    /// Work is durable, or need not be.
    mutating func complete(_ work: Message, effects: inout Effects) {
        for message in raft.completeAppend(work) { send(message, effects: &effects) }
    }

    /// Makes the commit index durable after a membership has changed.
    mutating func writeCommit(effects: inout Effects) {
        guard let work = journal.commitWork(from: raft.id, commit: raft.commitIndex) else { return }
        effects.append(.append(AppendWork(message: work, snapshotStateHash: nil, writesCommit: true)))
    }

    /// The state holds everything up to this index; the core is told of its work separately.
    mutating func applied(through index: LogIndex) { openLog.applied(through: index) }

    /// The state has taken the work's entries.
    mutating func applied(_ work: Message) { raft.completeApply(work) }

    /// Acts on the membership of a committed entry from now on.
    mutating func adoptMembership(of entry: Entry, effects: inout Effects) {
        do throws(RaftError) {
            effects.notice(.membership(try raft.applyConfChange(in: entry)))
            journal.membershipChanged()
        } catch {
            effects.stop("entry \(entry.index) holds a membership change that is impossible: \(error)")
        }
    }

    /// Keeps a snapshot that is durable, and cuts the log behind it.
    mutating func compact(behind snapshot: Snapshot, keeping policy: SnapshotPolicy, effects: inout Effects) {
        do throws(RaftError) {
            try raft.storage.createSnapshot(
                at: snapshot.index, confState: snapshot.metadata.confState, data: snapshot.data)
            let end = try lastForgotten(behind: snapshot.index, keeping: policy)
            if end > raft.storage.compacted.index { try raft.storage.compact(to: end) }
        } catch {
            // A newer one came from a leader meanwhile.
            effects.notice(.keptOlderSnapshot(index: snapshot.index, error.description))
        }
    }

    // MARK: Who leads

    mutating func resign() { raft.resign() }

    /// The disk has no room for another piece of the log, or has it again: without, the log must not grow, so this node
    /// leads no more, takes no entries, and keeps voting.
    ///
    /// - Returns: Whether that is new.
    mutating func diskShort(_ isShort: Bool, effects: inout Effects) -> Bool {
        guard isShort != (shortage != nil) else { return false }
        shortage = isShort ? DiskShortage() : nil
        raft.abstains = isShort
        raft.refusesEntries = isShort
        effects.notice(.diskShort(isShort))
        return true
    }

    /// A leader without room hands leadership to the voter that is furthest, and to another if that one does not take
    /// it.
    mutating func handOverIfShort(_ liveness: PeerLiveness) {
        guard var shortage, mayTransfer else { return }
        let heirs = heirs(liveness)
        let next = shortage.nextHeir(of: heirs) { tried in furthest(of: heirs.filter { !tried.contains($0) }) }
        self.shortage = shortage
        if let next { raft.transferLeader(to: next) }
    }

    /// Hands leadership to the voter that is furthest, if there is one, and takes no office any more.
    mutating func handOver(_ liveness: PeerLiveness) {
        raft.abstains = true
        guard mayTransfer, let heir = furthest(of: heirs(liveness)) else { return }
        raft.transferLeader(to: heir)
    }

    /// One of two voters that leads and is to go hands leadership over first.
    ///
    /// Membership changes when it is applied: the one that stays would need the vote of the one that went until it
    /// knows that the change is committed, and a node that is removed is switched off.
    ///
    /// - Throws: `unavailable` if that is so.
    mutating func handOverBeforeLeaving(_ id: NodeID) throws(WriteFailure) {
        guard id == raft.id, voters.count == 2, let heir = voters.first(where: { $0 != id }) else { return }
        raft.transferLeader(to: heir)
        throw .unavailable(.leaderHandsOver(from: id.rawValue, to: heir.rawValue))
    }
}
