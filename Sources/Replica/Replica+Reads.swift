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
        guard let round = reads.round, state.context == readContext(round.number) else { return }
        reads.round = nil
        reads.confirmed.append((state.index, round.reads))
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
            let parts = split(reads.confirmed[position].reads)
            reads.confirmed[position].reads = parts.rest
            late += parts.late
        }
        for read in late { refuse(read) }
    }
}
