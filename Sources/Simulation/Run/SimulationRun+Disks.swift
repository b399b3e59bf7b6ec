import DiskFaults
import Fleet
import Journal
import Primitives
import Raft
import Replica
import Wire

// Work for journals: it waits for its disk, which may be slow, full, or fail.
extension SimulationRun {
    mutating func append(_ work: AppendWork, _ run: AgentRun) throws(Violation) {
        try ledger.note(work.message.entries, after: nil, by: nodes[run.node].identity.id)
        switch options.plantedBug {
        case .acknowledgeBeforeSync: schedule(.input(.appended(work.message), run), in: 0)
        case .answerBeforeSync:
            for message in work.message.responses where message.to != nodes[run.node].identity.id {
                if !message.kind.isLocal { try send(.raft(message), from: run.node, to: message.to) }
            }
        case .requestVotesBeforeSync:
            for message in work.message.responses where message.kind == .vote {
                try send(.raft(message), from: run.node, to: message.to)
            }
        default: break
        }
        nodes[run.node].agent?.journal.submit(.write(work))
        beginGroup(run)
    }

    mutating func saveSnapshot(_ order: SnapshotOrder, _ run: AgentRun) {
        let content = JournalSnapshot(
            snapshot: Snapshot(metadata: order.metadata, data: order.fleet.encodeSnapshot()),
            stateHash: order.fleet.stateHash)
        nodes[run.node].agent?.journal.beginSnapshot(content)
        schedule(.snapshotWritten(run), in: diskTime(run.node) + diskTime(run.node))
    }

    private mutating func diskTime(_ index: Int) -> Int64 {
        let usual = diskChance.within(swarm.syncMilliseconds)
        return nodes[index].diskIsSlow ? usual + diskChance.within(100...4000) : usual
    }

    mutating func snapshotWritten(_ run: AgentRun) throws(Violation) {
        guard isCurrent(run) else { return }
        var hasRoom = false
        do throws(JournalError) {
            hasRoom = try nodes[run.node].agent?.journal.finishSnapshotFile() ?? true
        } catch {
            try journalFailed(run, error)
            return
        }
        if hasRoom { beginGroup(run) } else { try feed(.snapshotFailed, to: run) }
    }

    private mutating func beginGroup(_ run: AgentRun) {
        guard nodes[run.node].agent?.journal.beginGroup() == true else { return }
        nodes[run.node].agent?.writingSince = now
        schedule(.journalDone(run), in: diskTime(run.node))
    }

    mutating func journalDone(_ run: AgentRun) throws(Violation) {
        guard isCurrent(run) else { return }
        let outcome: SimulatedJournal.Outcome
        do throws(JournalError) {
            outcome = try nodes[run.node].agent?.journal.finishGroup() ?? .noRoom([])
        } catch {
            try journalFailed(run, error)
            return
        }
        if case .noRoom(let marked) = outcome {
            nodes[run.node].agent?.waitsForRoom = true
            askForSpace(run)
            try feed(marked, to: run)
            if isCurrent(run) { try tellSpace(run) }
            return
        }
        guard case .done(let done) = outcome else { return }
        nodes[run.node].agent?.waitsForRoom = false
        nodes[run.node].agent?.writingSince = nil
        note(.durable(node: run.node, works: done.count))
        if let writes = nodes[run.node].agent?.journal.writes {
            schedule(.sealJournal(run, writes: writes), in: JournalThread.sealAfterMilliseconds)
        }
        try feed(done, to: run)
        guard isCurrent(run) else { return }
        try tellSpace(run)
        if isCurrent(run) { beginGroup(run) }
    }

    /// Tells the node what its journal has done.
    private mutating func feed(_ done: [ReplicaInput], to run: AgentRun) throws(Violation) {
        for input in done {
            switch input {
            case .appended where options.plantedBug == .acknowledgeBeforeSync: break
            case .snapshotSaved(let snapshot):
                report[.snapshotsSaved] += 1
                note(.snapshotSaved(node: run.node, index: snapshot.index.rawValue))
                try feed(input, to: run)
            default: try feed(input, to: run)
            }
        }
    }

    private mutating func askForSpace(_ run: AgentRun) {
        guard nodes[run.node].agent?.asksForSpace == false else { return }
        nodes[run.node].agent?.asksForSpace = true
        schedule(.spaceWanted(run), in: 1000)
    }

    mutating func spaceWanted(_ run: AgentRun) throws(Violation) {
        guard isCurrent(run) else { return }
        nodes[run.node].agent?.asksForSpace = false
        do throws(JournalError) {
            try nodes[run.node].agent?.journal.reserveSpace()
        } catch {
            try journalFailed(run, error)
            return
        }
        try tellSpace(run)
        // What found no room is tried once more.
        if isCurrent(run), nodes[run.node].agent?.waitsForRoom == true { try journalDone(run) }
    }

    /// The node hears whether there is room for its log, each time that changes.
    private mutating func tellSpace(_ run: AgentRun) throws(Violation) {
        guard let isShort = nodes[run.node].agent?.journal.isShortOfSpace else { return }
        if isShort { askForSpace(run) }
        guard nodes[run.node].agent?.isShortOfSpace != isShort else { return }
        nodes[run.node].agent?.isShortOfSpace = isShort
        try feed(.diskShort(isShort), to: run)
    }

    mutating func sealJournal(_ run: AgentRun, after writes: Int) throws(Violation) {
        guard isCurrent(run), nodes[run.node].agent?.journal.writes == writes else { return }
        do throws(JournalError) {
            try nodes[run.node].agent?.journal.seal()
        } catch {
            try journalFailed(run, error)
        }
    }

    /// A node whose log can't be written ends; what it was told before is all that it may say.
    private mutating func journalFailed(_ run: AgentRun, _ error: JournalError) throws(Violation) {
        guard nodes[run.node].agent?.journal.disk.hasFailed == true else {
            throw Violation(.running, "the log of node \(run.node + 1) failed: \(error)")
        }
        crash(run.node, losesPower: false, why: "the disk failed")
        schedule(.restart(node: run.node), in: faultChance.within(100...5000))
    }
}
