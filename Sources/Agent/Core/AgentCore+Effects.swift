import Fleet
import Host
import Hypervisor
import Journal
import Logging
import Mesh
import Primitives
import Raft
import Replica
import Wire

// How the replica's effects are performed.
extension AgentCore {
    /// Follows the driver until cancelled.
    func watchMachines() async {
        await MachineWatch(driver: driver) { [host] in
            host.post($0)
        } report: { [logger] failure in
            logger.warning("can't list machines", metadata: ["error": "\(failure)"])
        }.run()
    }

    func perform(_ effects: [ReplicaEffect]) {
        for effect in effects { perform(effect) }
    }

    private func perform(_ effect: ReplicaEffect) {
        switch effect {
        case .send(let node, let message): send(message, to: node)
        case .append(let work): append(work)
        case .sendSnapshot(let node, let message): snapshots.value?.sender.send(message, to: node)
        case .saveSnapshot(let order): saveSnapshot(order)
        case .answer(let waiter, let result): answers.answer(waiter, result)
        case .readable(let waiter, let result): answers.answer(waiter, result)
        case .requested(let waiter, let verdict): answers.answer(waiter, verdict)
        case .perform(let uid, let work): machines.submit(work, on: uid)
        case .fetch(let order): fetches.begin(order)
        case .giveUp(let order): fetches.giveUp(order)
        case .stateChanged(let revision): revisions.raise(to: revision)
        case .membersChanged: adoptMembers()
        case .machinesHalted: ending.yield(.machinesHalted)
        case .notice(let notice): log(notice)
        case .stop(let reason): ending.yield(.failed(AgentError(reason, exitCode: 70)))
        }
    }

    private func send(_ message: PeerMessage, to node: NodeID) {
        guard let key = members.key(of: node), let network = network.value else { return }
        network.send(PeerMessageCodec.encode(message), to: key, lane: message.lane)
    }

    private func append(_ work: AppendWork) {
        let message = work.message
        let write = JournalWrite(
            message, snapshotStateHash: work.snapshotStateHash, writesCommit: work.writesCommit)
        let received = write.snapshot.flatMap { content in
            snapshots.value.map { (exchange: $0, index: content.snapshot.index) }
        }
        host.appendBegins()
        journal.submit(write) { [host] isLastOfGroup in
            // What became durable together is handled together.
            if isLastOfGroup { host.post(.appended(message)) } else { host.queue(.appended(message)) }
            if let received { received.exchange.receiver.discard(upTo: received.index) }
        }
    }

    private func saveSnapshot(_ order: SnapshotOrder) {
        snapshotPool.submit { [host, journal, logger] in
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
