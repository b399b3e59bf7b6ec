import Primitives
import Raft

/// Linearizable reads by read index: they wait until a quorum has confirmed that this node's leader leads, in rounds.
///
/// A round takes along every read that arrived before it began, never one that came later: a confirmation proves
/// nothing about what happened after it was asked for (Raft, section 6.4).
struct Reads: Sendable {
    /// What waits for a read.
    enum Reader: Equatable, Sendable {
        case caller(Waiter)
        /// The loop of machines, which asks whether the node has caught up.
        case machineLoop
    }

    struct Read: Sendable {
        /// What is to be answered.
        var reader: Reader
        /// When it fails, unless it is released before.
        var deadline: Instant
        /// The first round that took it along; every later one proves as much for it. Nil until there was one.
        var firstRound: UInt64?
    }

    struct Round: Sendable {
        /// Counts the rounds of this run.
        var number: UInt64
        /// When the leader was asked to confirm it.
        var startedAt: Instant
        /// Each has its first round, of this number or a lower one.
        var reads: [Read]
    }

    /// This node, part of every context.
    private let node: NodeID
    /// Tells this run's questions from those of earlier ones.
    private let nonce: UInt64
    /// Not in a round: new, or taken out of one that got no answer.
    private(set) var arrived: [Read] = []
    /// The round that is to be confirmed: one at a time.
    private(set) var round: Round?
    /// The number of the last round that began; 0 before the first.
    private(set) var lastNumber: UInt64 = 0
    /// Confirmed; released once the state has been applied up to the index. In the order of their confirmations.
    private(set) var confirmed: [(index: LogIndex, reads: [Read])] = []

    /// - Parameter nonce: Differs between the runs of a node.
    init(node: NodeID, nonce: UInt64) {
        self.node = node
        self.nonce = nonce
    }

    mutating func add(_ reader: Reader, at now: Instant) {
        arrived.append(Read(reader: reader, deadline: now + ReplicaTiming.readMilliseconds))
    }

    // MARK: Rounds

    /// Begins a round if there are reads for one and none is under way; answers the context that the leader is to be
    /// asked to confirm.
    mutating func startRound(at now: Instant) -> [UInt8]? {
        if let round, now - round.startedAt >= ReplicaTiming.readRoundMilliseconds {
            // The answer or the question got lost: everything goes into a new round.
            arrived = round.reads + arrived
            self.round = nil
        }
        guard round == nil, !arrived.isEmpty else { return nil }
        lastNumber += 1
        for position in arrived.indices where arrived[position].firstRound == nil {
            arrived[position].firstRound = lastNumber
        }
        round = Round(number: lastNumber, startedAt: now, reads: arrived)
        arrived = []
        return context(lastNumber)
    }

    /// Unique over nodes, runs and rounds, so that a late answer of an earlier run proves nothing.
    private func context(_ number: UInt64) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(fixed: node.rawValue)
        writer.write(fixed: nonce)
        writer.write(fixed: number)
        return writer.bytes
    }

    /// The number of the round, if the context is one of this run of this node.
    private func number(_ context: [UInt8]) -> UInt64? {
        var reader = ByteReader(context.suffix(8))
        // A context that is too short is none of this run.
        guard let number = try? reader.readFixed(UInt64.self), self.context(number) == context else { return nil }
        return number
    }

    /// A quorum has confirmed a context; ignored if it is of no round that is waited for.
    mutating func confirm(_ state: ReadState) {
        guard let round, let number = number(state.context) else { return }
        // An answer that took longer than a round proves nothing for reads that came after its own round began, but for
        // the others it does: else no read would succeed where an answer takes that long.
        let proven = round.reads.filter { $0.firstRound.map { $0 <= number } ?? false }
        guard !proven.isEmpty else { return }
        confirmed.append((state.index, proven))
        if number == round.number || proven.count == round.reads.count {
            self.round = nil
        } else {
            self.round?.reads.removeAll { $0.firstRound.map { $0 <= number } ?? false }
        }
    }

    // MARK: Answers

    /// The reads that may look at the state now, in order, each with the index that was confirmed for it.
    mutating func release(through applied: LogIndex) -> [(reader: Reader, index: LogIndex)] {
        var released: [(reader: Reader, index: LogIndex)] = []
        for (index, reads) in confirmed where index <= applied { released += reads.map { ($0.reader, index) } }
        confirmed.removeAll { $0.index <= applied }
        return released
    }

    /// Without a leader, reads fail at once instead of waiting for one: those that are not confirmed, in order.
    mutating func giveUp() -> [Reader] {
        let open = arrived + (round?.reads ?? [])
        arrived = []
        round = nil
        return open.map(\.reader)
    }

    /// The reads that fail now because no quorum has confirmed them in time, or the state does not come, in order.
    mutating func expire(at now: Instant) -> [Reader] {
        func split(_ open: [Read]) -> (late: [Read], rest: [Read]) {
            (open.filter { $0.deadline <= now }, open.filter { $0.deadline > now })
        }
        var late: [Read] = []
        let parts = split(arrived)
        arrived = parts.rest
        late += parts.late
        if let round {
            let parts = split(round.reads)
            self.round?.reads = parts.rest
            late += parts.late
        }
        for position in confirmed.indices {
            // This node's own question stays: what it is to catch up with must not run away from a node that is slow.
            var parts = split(confirmed[position].reads)
            parts.rest += parts.late.filter { $0.reader == .machineLoop }
            parts.late.removeAll { $0.reader == .machineLoop }
            confirmed[position].reads = parts.rest
            late += parts.late
        }
        return late.map(\.reader)
    }
}
