import Fleet
import Host
import Journal
import Logging
import Mesh
import Raft
import Replica
import Wire

/// Performs what the replica decides.
///
/// It is made last: it holds every shell with which an effect is performed, and the replica starts with it. No effect
/// waits here. What takes long is handed to a shell that owns it, and the outcome comes back as an input.
struct EffectPerformer: Sendable {
    let core: AgentCore
    let membership: MembershipUpdater
    let machines: MachineWorkers
    let images: ImageFetches
    let sources: SourceFetches
    let snapshots: SnapshotExchange
    /// Encodes this node's own snapshots; one thread, so one at a time.
    let snapshotPool: BlockingPool
    /// Takes the reason for which the node is to end.
    let ending: AsyncStream<AgentEnd>.Continuation

    /// Performs them in their order; returns at once. Called on the thread that has handled the inputs.
    func perform(_ effects: [ReplicaEffect]) {
        for effect in effects { perform(effect) }
    }

    private func perform(_ effect: ReplicaEffect) {
        switch effect {
        case .send(let node, let message): send(message, to: node)
        case .append(let work): append(work)
        case .sendSnapshot(let node, let message): snapshots.sender.send(message, to: node)
        case .saveSnapshot(let order): saveSnapshot(order)
        case .answer(let waiter, let result): core.answers.answer(waiter, result)
        case .readable(let waiter, let result): core.answers.answer(waiter, result)
        case .requested(let waiter, let verdict): core.answers.answer(waiter, verdict)
        case .perform(let uid, let work): machines.submit(work, on: uid)
        case .fetch(let order): images.begin(order)
        case .giveUp(let order): images.giveUp(order)
        case .fetchSource(let order): sources.fetch(order)
        case .sourceAnswered(let waiter, let verdict): core.answers.answer(waiter, verdict)
        case .stateChanged(let revision): core.revisions.raise(to: revision)
        case .membersChanged: membership.update()
        case .machinesHalted: ending.yield(.machinesHalted)
        case .notice(let notice): log(notice)
        case .stop(let reason): ending.yield(.failed(AgentError(reason, exitCode: 70)))
        }
    }

    private func send(_ message: PeerMessage, to node: NodeID) {
        guard let key = core.members.key(of: node) else { return }
        core.network.send(PeerMessageCodec.encode(message), to: key, lane: message.lane)
    }

    private func append(_ work: AppendWork) {
        let message = work.message
        let write = JournalWrite(
            message, snapshotStateHash: work.snapshotStateHash, writesCommit: work.writesCommit)
        let installed = write.snapshot?.snapshot.index
        core.host.appendBegins()
        core.journal.submit(write) { [host = core.host, receiver = snapshots.receiver] isLastOfGroup in
            // What became durable together is handled together.
            if isLastOfGroup { host.post(.appended(message)) } else { host.queue(.appended(message)) }
            if let installed { receiver.discard(upTo: installed) }
        }
    }

    private func saveSnapshot(_ order: SnapshotOrder) {
        snapshotPool.submit { [host = core.host, journal = core.journal, logger = core.logger] in
            let content = JournalSnapshot(
                snapshot: Snapshot(metadata: order.metadata, data: order.fleet.encodeSnapshot()),
                stateHash: order.fleet.stateHash)
            journal.saveSnapshot(content) { failure in
                if let failure {
                    logger.error("can't save a snapshot", metadata: ["error": "\(failure)"])
                }
                host.post(failure == nil ? .snapshotSaved(content.snapshot) : .snapshotFailed)
            }
        }
    }
}

extension PeerMessage {
    /// How it travels.
    ///
    /// What a leader appends must not overtake what it has appended before, with entries or without: the follower would
    /// reject it, and the leader would send everything again. Heartbeats, votes and answers stand for themselves, and
    /// no election may start because a large entry is on its way.
    var lane: Lane {
        if case .raft(let message) = self, message.kind == .append { return .inOrder }
        return .urgent
    }
}
