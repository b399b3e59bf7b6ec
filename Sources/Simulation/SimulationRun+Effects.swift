import Fleet
import Journal
import Primitives
import Raft
import Replica
import Wire

// What a node wants done, done by the simulated shells.
extension SimulationRun {
    mutating func perform(_ effect: ReplicaEffect, _ run: AgentRun) throws(Violation) {
        // An effect may have ended the agent.
        guard isCurrent(run) else { return }
        switch effect {
        case .send(let to, let message): try send(message, from: run.node, to: to)
        case .sendSnapshot(let to, let message): try send(.raft(message), from: run.node, to: to)
        case .append(let work): append(work, run)
        case .saveSnapshot(let order): saveSnapshot(order, run)
        case .answer(let waiter, let result): try answered(waiter, result, by: run.node)
        case .readable(let waiter, let result): try readable(waiter, result, at: run.node)
        case .perform(let uid, .look): schedule(.look(uid, run), in: machineChance.within(0...20))
        case .perform(let uid, let work):
            schedule(.driverBegins(uid, work, run), in: machineChance.within(0...20))
        case .fetch, .stateChanged, .membersChanged, .machinesHalted: break
        case .notice(let notice): noticed(notice, run.node)
        case .stop(let reason):
            throw Violation(.running, "node \(nodes[run.node].identity.id) stopped by itself: \(reason)")
        }
    }

    private mutating func noticed(_ notice: ReplicaNotice, _ index: Int) {
        switch notice {
        case .role(let role, let term, let leader):
            note(.role(node: index, role, term: term.rawValue, leader: leader?.rawValue))
        case .machine(let name, let verb, let reason): note(.noticed(node: index, "\(verb) \(name): \(reason)"))
        case .machineFailed(let name, let verb, let failure):
            note(.noticed(node: index, "failed to \(verb) \(name): \(failure)"))
        case .caughtUp(let at): note(.noticed(node: index, "caught up at \(at)"))
        case .membership(let state): note(.noticed(node: index, "voters \(state.voters), learners \(state.learners)"))
        case .refusedMessage(let from, let why): note(.noticed(node: index, "refused a message of \(from): \(why)"))
        case .unknownMachine(let uid, _): note(.noticed(node: index, "knows nothing of machine \(uid.short)"))
        case .restoredSnapshot(let at): note(.noticed(node: index, "took a snapshot of \(at)"))
        case .diskShort(let isShort):
            note(.noticed(node: index, isShort ? "has no room for its log" : "has room for its log again"))
        case .undeliveredSnapshot(let to, let at): note(.noticed(node: index, "sent no snapshot of \(at) to \(to)"))
        case .keptOlderSnapshot(let at, _): note(.noticed(node: index, "did not need its snapshot of \(at)"))
        }
    }

    // MARK: Network

    private mutating func send(_ message: PeerMessage, from sender: Int, to id: NodeID) throws(Violation) {
        let receiver = Int(id.rawValue) - 1
        guard nodes.indices.contains(receiver) else { return }
        if case .raft(let raft) = message { noteWord(raft, of: sender) }
        guard !network.isCut(from: sender, to: receiver) else {
            lose(.cutMessage, from: sender, to: receiver)
            return
        }
        if isFaulty, networkChance.chance(swarm.lossPerMille) {
            lose(.lostMessage, from: sender, to: receiver)
            return
        }
        let bytes = PeerMessageCodec.encode(message)
        schedule(.deliver(bytes, from: sender, to: receiver), in: way())
        if isFaulty, networkChance.chance(swarm.duplicationPerMille) {
            count(.duplicatedMessage)
            schedule(.deliver(bytes, from: sender, to: receiver), in: way())
        }
    }

    /// What the node must remember from now on.
    private mutating func noteWord(_ message: Message, of sender: Int) {
        guard message.isPromise else { return }
        nodes[sender].promisedTerm = max(nodes[sender].promisedTerm, message.term)
        if message.kind == .voteResponse, !message.reject {
            nodes[sender].promisedVote = (message.term, message.to)
        }
    }

    private mutating func lose(_ kind: FaultKind, from sender: Int, to receiver: Int) {
        count(kind)
        note(.lost(from: sender, to: receiver, kind))
        // The mesh says that it gave a message up when it knows; often it never knows.
        guard let run = nodes[sender].agent?.run, networkChance.chance(200) else { return }
        schedule(.input(.unreachable(nodes[receiver].identity.id), run), in: networkChance.within(1...100))
    }

    private mutating func way() -> Int64 {
        let usual = networkChance.within(swarm.wayMilliseconds)
        guard isFaulty, networkChance.chance(swarm.delayPerMille) else { return usual }
        count(.delayedMessage)
        return usual + networkChance.within(1...swarm.lateMilliseconds)
    }

    var isFaulty: Bool { phase == .faults }

    mutating func deliver(_ bytes: [UInt8], from sender: Int, to receiver: Int) throws(Violation) {
        guard let run = nodes[receiver].agent?.run else { return }
        let message: PeerMessage
        do throws(DecodingFailure) {
            message = try PeerMessageCodec.decode(bytes)
        } catch {
            throw Violation(.coding, "a message of node \(sender + 1) is unreadable: \(error)")
        }
        note(.delivered(from: sender, to: receiver, message, checksum: CRC32C.checksum(bytes)))
        let from = nodes[sender].identity.id
        if case .raft(let raft) = message, let snapshot = raft.snapshot {
            guard let fleet = try? Fleet(snapshot: snapshot.data) else {
                throw Violation(.coding, "a snapshot of node \(sender + 1) is unreadable")
            }
            try feed(.snapshotReceived(from: from, raft, fleet), to: run)
        } else {
            try feed(.message(from: from, message), to: run)
        }
    }

    // MARK: Disk

    private mutating func append(_ work: AppendWork, _ run: AgentRun) {
        if options.plantedBug == .acknowledgeBeforeSync { schedule(.input(.appended(work.message), run), in: 0) }
        nodes[run.node].agent?.journal.submit(.write(work))
        beginGroup(run)
    }

    private mutating func saveSnapshot(_ order: SnapshotOrder, _ run: AgentRun) {
        let content = JournalSnapshot(
            snapshot: Snapshot(metadata: order.metadata, data: order.fleet.encodeSnapshot()),
            stateHash: order.fleet.stateHash)
        nodes[run.node].agent?.journal.submit(.snapshot(content))
        beginGroup(run)
    }

    private mutating func beginGroup(_ run: AgentRun) {
        guard nodes[run.node].agent?.journal.beginGroup() == true else { return }
        nodes[run.node].agent?.writingSince = now
        var takes = diskChance.within(swarm.syncMilliseconds)
        if nodes[run.node].diskIsSlow { takes += diskChance.within(100...4000) }
        schedule(.journalDone(run), in: takes)
    }

    mutating func journalDone(_ run: AgentRun) throws(Violation) {
        guard isCurrent(run), var journal = nodes[run.node].agent?.journal else { return }
        let done: [ReplicaInput]
        do throws(JournalError) {
            done = try journal.finishGroup()
            if diskChance.chance(100) { try journal.seal() }
        } catch {
            guard journal.disk.hasFailed else {
                throw Violation(.running, "the log of node \(run.node + 1) failed: \(error)")
            }
            // A node whose log can't be written ends; what it was told before is all that it may say.
            crash(run.node, losesPower: false, why: "a sync failed")
            schedule(.restart(node: run.node), in: faultChance.within(100...5000))
            return
        }
        nodes[run.node].agent?.journal = journal
        nodes[run.node].agent?.writingSince = nil
        note(.durable(node: run.node, works: done.count))
        for input in done {
            switch input {
            case .appended where options.plantedBug == .acknowledgeBeforeSync: break
            case .snapshotSaved(let snapshot):
                note(.snapshotSaved(node: run.node, index: snapshot.index.rawValue))
                try feed(input, to: run)
            default: try feed(input, to: run)
            }
        }
        if isCurrent(run) { beginGroup(run) }
    }
}

extension Message {
    /// Whether its sender must remember the term in which it sent this. A heartbeat's answer promises nothing: it may
    /// leave before the term is durable.
    var isPromise: Bool {
        switch kind {
        case .vote, .voteResponse, .append, .appendResponse, .heartbeat, .snapshot: true
        default: false
        }
    }
}
