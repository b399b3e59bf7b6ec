import Fleet
import Primitives
import Raft

// Linearizable reads by read index.
extension Replica {
    mutating func startReadRound() {
        guard softState.leader != nil else {
            refuseReads()
            return
        }
        if let round = reads.round, now - round.startedAt >= ReplicaTiming.readRoundMilliseconds {
            // The answer or the question got lost: everything goes into a new round.
            reads.arrived = round.reads + reads.arrived
            reads.round = nil
        }
        guard reads.round == nil, !reads.arrived.isEmpty else { return }
        reads.lastNumber += 1
        for position in reads.arrived.indices where reads.arrived[position].firstRound == nil {
            reads.arrived[position].firstRound = reads.lastNumber
        }
        reads.round = PendingReads.Round(number: reads.lastNumber, startedAt: now, reads: reads.arrived)
        reads.arrived = []
        raft.readIndex(context: readContext(reads.lastNumber))
        drainRaft()
    }

    /// Unique over nodes, runs and rounds, so that a late answer of an earlier run proves nothing.
    private func readContext(_ number: UInt64) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(fixed: identity.id.rawValue)
        writer.write(fixed: readNonce)
        writer.write(fixed: number)
        return writer.bytes
    }

    mutating func readConfirmed(_ state: ReadState) {
        guard let round = reads.round, let number = readNumber(state.context) else { return }
        // An answer that took longer than a round proves nothing for reads that came after its own round began, but for
        // the others it does: else nobody could read where an answer takes that long.
        let proven = round.reads.filter { $0.firstRound.map { $0 <= number } ?? false }
        guard !proven.isEmpty else { return }
        reads.confirmed.append((state.index, proven))
        if number == round.number || proven.count == round.reads.count {
            reads.round = nil
        } else {
            reads.round?.reads.removeAll { $0.firstRound.map { $0 <= number } ?? false }
        }
    }

    /// The number of the round, if the context is one of this run of this node.
    private func readNumber(_ context: [UInt8]) -> UInt64? {
        var reader = ByteReader(context.suffix(8))
        guard let number = try? reader.readFixed(UInt64.self), readContext(number) == context else { return nil }
        return number
    }

    mutating func releaseReads() {
        let applied = LogIndex(fleet.appliedIndex)
        for confirmed in reads.confirmed where confirmed.index <= applied {
            for read in confirmed.reads { released(read, at: confirmed.index) }
        }
        reads.confirmed.removeAll { $0.index <= applied }
    }

    private mutating func released(_ read: PendingReads.Read, at index: LogIndex) {
        if read.waiter == MachineLoop.catchUpWaiter {
            caughtUp(at: index)
        } else {
            effects.append(.readable(read.waiter, .ready))
        }
    }

    /// Nobody leads: reads fail at once instead of waiting for somebody.
    private mutating func refuseReads() {
        let open = reads.arrived + (reads.round?.reads ?? [])
        reads.arrived = []
        reads.round = nil
        for read in open { refuse(read) }
    }

    private mutating func refuse(_ read: PendingReads.Read) {
        if read.waiter == MachineLoop.catchUpWaiter {
            machines.catchUpAsked = nil
        } else {
            effects.append(.readable(read.waiter, .noQuorum(connected: connectedVoters, voters: voters.count)))
        }
    }

    mutating func expireReads() {
        let now = now
        func split(_ open: [PendingReads.Read]) -> (late: [PendingReads.Read], rest: [PendingReads.Read]) {
            (open.filter { $0.deadline <= now }, open.filter { $0.deadline > now })
        }
        var late: [PendingReads.Read] = []
        let arrived = split(reads.arrived)
        reads.arrived = arrived.rest
        late += arrived.late
        if let round = reads.round {
            let parts = split(round.reads)
            reads.round?.reads = parts.rest
            late += parts.late
        }
        for position in reads.confirmed.indices {
            // This node's own question stays: what it is to catch up with must not run away from a node that is slow.
            var parts = split(reads.confirmed[position].reads)
            parts.rest += parts.late.filter { $0.waiter == MachineLoop.catchUpWaiter }
            parts.late.removeAll { $0.waiter == MachineLoop.catchUpWaiter }
            reads.confirmed[position].reads = parts.rest
            late += parts.late
        }
        for read in late { refuse(read) }
    }
}
