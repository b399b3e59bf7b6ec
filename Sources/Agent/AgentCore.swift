import API
import Fleet
import Host
import Hypervisor
import Journal
import Logging
import Mesh
import Primitives
import Raft
import Reconcile
import Replica
import Synchronization
import Wire

/// The shells of one running node, and how the replica's effects are performed with them.
///
/// It owns no rules: every decision is the replica's.
final class AgentCore: Sendable {
    let settings: AgentSettings
    let record: NodeRecord
    let identity: Identity
    let host: ReplicaHost
    let answers = AnswerTable()
    let revisions = RevisionSignal()
    let members = MemberDirectory()
    let logger: Logger
    let driver: any MachineDriver
    let ports: PortBox
    private let journal: JournalThread
    private let images: ImageStore
    private let hands: MachineHands
    private let snapshotPool = BlockingPool(named: "snapshot", threads: 1)
    private let network: Late<PeerNetwork>
    private let snapshots = Late<SnapshotExchange>()
    private let server: Late<MeshServer>
    private let ending: AsyncStream<AgentEnd>.Continuation
    let introductions: Introductions
    /// Held while the state's members are adopted, so that what was seen later is never overwritten.
    private let adopting = Mutex(())

    init(
        settings: AgentSettings, record: NodeRecord, identity: Identity, replica: sending Replica,
        journal: JournalThread, driver: any MachineDriver, images: ImageStore, logger: Logger,
        ending: AsyncStream<AgentEnd>.Continuation
    ) {
        self.settings = settings
        self.record = record
        self.identity = identity
        self.journal = journal
        self.driver = driver
        self.images = images
        self.logger = logger
        self.ending = ending
        introductions = Introductions(record.members)
        ports = PortBox()
        network = Late()
        server = Late()
        let late = Late<AgentCore>()
        host = ReplicaHost(replica) { effects in late.value?.perform(effects) }
        let host = host
        hands = MachineHands(driver: driver) { host.post($0) }
        late.fill(self)
        adoptMembers()
        journal.observeSpace { host.post(.diskShort($0 == .short)) }
    }

    /// The mesh exists after the core, because its callbacks need the core.
    func attach(network: PeerNetwork, server: MeshServer, snapshots: SnapshotExchange) {
        self.network.fill(network)
        self.snapshots.fill(snapshots)
        self.server.fill(server)
        adoptMembers()
    }

    // MARK: Inputs from the mesh

    func deliver(_ bytes: [UInt8], from key: PublicKey) {
        guard let node = members.id(of: key) else { return }
        do throws(DecodingFailure) {
            host.post(message: .message(from: node, try PeerMessageCodec.decode(bytes)))
        } catch {
            logger.warning("dropped an unreadable message", metadata: ["peer": "\(key.short)", "error": "\(error)"])
        }
    }

    /// Tells the replica once a second how its connections are.
    func watchPeers() async {
        while !Task.isCancelled {
            host.post(.peers(peerObservations()))
            // Ends early only by cancellation, which the loop sees.
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// How the connections are at this moment.
    func peerObservations() -> [NodeID: PeerObservation] {
        var observations: [NodeID: PeerObservation] = [:]
        for state in peerStates() {
            guard let id = members.id(of: state.key) else { continue }
            observations[id] = PeerObservation(
                isConnected: state.isConnected, silentMilliseconds: state.silenceMilliseconds)
        }
        return observations
    }

    func peerStates() -> [PeerState] { network.value?.peerStates() ?? [] }
    var listenerCounters: ListenerCounters? { server.value?.counters }
    var journalStatus: JournalThread.Status { journal.status }

    /// Follows the driver until cancelled.
    func watchMachines() async {
        await hands.follow { failure in
            logger.warning("can't list machines", metadata: ["error": "\(failure)"])
        }
    }

    // MARK: Effects

    private func perform(_ effects: [ReplicaEffect]) {
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
        case .perform(let uid, let work): Task { await hands.perform(work, on: uid) }
        case .fetch(let order): Task { host.post(.image(order, await images.ensure(order))) }
        case .stateChanged(let revision): revisions.raise(to: revision)
        case .membersChanged: adoptMembers()
        case .machinesHalted: ending.yield(.machinesHalted)
        case .notice(let notice): log(notice)
        case .stop(let reason): ending.yield(.failed(AgentError(reason, exitCode: 70)))
        }
    }

    private func send(_ message: PeerMessage, to node: NodeID) {
        guard let key = members.key(of: node), let network = network.value else { return }
        let bytes = PeerMessageCodec.encode(message)
        network.send(bytes, to: key, lane: bytes.count > Limits.frameBytes ? .bulk : .urgent)
    }

    private func append(_ work: AppendWork) {
        let message = work.message
        var snapshot: JournalSnapshot?
        if let content = message.snapshot, let hash = work.snapshotStateHash {
            snapshot = JournalSnapshot(snapshot: content, stateHash: hash)
        }
        let write = JournalWrite(
            hardState: message.hardState, entries: message.entries, snapshot: snapshot,
            writesCommit: work.writesCommit)
        let received = snapshot.flatMap { content in
            snapshots.value.map { (exchange: $0, index: content.snapshot.index) }
        }
        host.appendBegins()
        journal.submit(write) { [host] isLastOfGroup in
            // What became durable together is handled together.
            if isLastOfGroup { host.post(.appended(message)) } else { host.queue(.appended(message)) }
            if let received { Task { await received.exchange.receiver.discard(upTo: received.index) } }
        }
    }

    private func saveSnapshot(_ order: SnapshotOrder) {
        Task {
            let content = await snapshotPool.run { () throws(Never) in
                JournalSnapshot(
                    snapshot: Snapshot(metadata: order.metadata, data: order.fleet.encodeSnapshot()),
                    stateHash: order.fleet.stateHash)
            }
            journal.saveSnapshot(content) { [host, logger] failure in
                if let failure {
                    logger.error("can't save a snapshot", metadata: ["error": "\(failure)"])
                }
                host.post(failure == nil ? .snapshotSaved(content.snapshot) : .snapshotFailed)
            }
        }
    }

    /// Admits and dials whom the cluster names.
    func adoptMembers() {
        adopting.withLock { _ in adoptMembersInTurn() }
    }

    private func adoptMembersInTurn() {
        let (fleet, leader, isCaughtUp) = host.look { ($0.fleet, $0.leader, $0.isCaughtUp) }
        if isCaughtUp, let leader, fleet.member(id: leader.rawValue) != nil { introductions.forget() }
        let introduced = introductions.members
        members.update(fleet, introduced: introduced)
        snapshots.value?.sender.keep(members.ids)
        guard let network = network.value else { return }
        var addresses = fleet.members.map { PeerAddress(key: $0.key, addresses: $0.addresses) }
        let known = Set(addresses.map(\.key))
        addresses += introduced.filter { !known.contains($0.key) }
            .map { PeerAddress(key: $0.key, addresses: $0.addresses) }
        network.setPeers(addresses)
        server.value?.recheckAdmissions()
    }

    private func log(_ notice: ReplicaNotice) {
        switch notice {
        case .role(let role, let term, let leader):
            logger.info(
                "role changed",
                metadata: [
                    "role": "\(role)", "term": "\(term)", "leader": "\(leader.map { "\($0)" } ?? "none")",
                ])
        case .caughtUp(let index): logger.info("caught up", metadata: ["index": "\(index)"])
        case .membership(let state):
            logger.info(
                "membership changed", metadata: ["voters": "\(state.voters)", "learners": "\(state.learners)"])
        case .refusedMessage(let node, let why):
            logger.debug("refused a message", metadata: ["from": "\(node)", "reason": "\(why)"])
        case .machine(let name, let verb, let reason):
            logger.info("machine", metadata: ["name": "\(name)", "action": "\(verb)", "reason": "\(reason)"])
        case .machineFailed(let name, let verb, let failure):
            logger.warning(
                "machine action failed", metadata: ["name": "\(name)", "action": "\(verb)", "error": "\(failure)"])
        case .unknownMachine(let uid, let state):
            logger.warning(
                "found a machine that is bound to nobody here; it is left alone",
                metadata: ["uid": "\(uid)", "state": "\(state)"])
        case .restoredSnapshot(let index): logger.info("took a snapshot", metadata: ["index": "\(index)"])
        case .diskShort(true):
            logger.error("the disk has no room for the log: this node takes no entries and does not lead")
        case .diskShort(false): logger.info("the disk has room for the log again")
        case .undeliveredSnapshot(let node, let index):
            logger.warning("a snapshot did not arrive", metadata: ["to": "\(node)", "index": "\(index)"])
        case .keptOlderSnapshot(let index, let why):
            logger.debug("kept another snapshot", metadata: ["index": "\(index)", "reason": "\(why)"])
        }
    }

    /// Ends the replica, lets the journal finish, and answers whoever still waits. Machines keep running.
    func close() async {
        revisions.close()
        snapshots.value?.sender.close()
        await snapshotPool.run { () throws(Never) in self.host.close() }
        answers.failAll()
        await withCheckedContinuation { continuation in
            journal.stop { continuation.resume() }
        }
    }
}

/// Why a node ends by itself.
enum AgentEnd: Sendable {
    case machinesHalted
    case failed(AgentError)
}

/// A value that is known a moment after those who need it.
final class Late<Value: AnyObject & Sendable>: Sendable {
    private let box = Mutex<Value?>(nil)

    var value: Value? { box.withLock { $0 } }

    func fill(_ value: Value) {
        box.withLock { $0 = value }
    }
}

/// The addresses that were bound, known once they are.
final class PortBox: Sendable {
    private let box = Mutex<[String]>([])

    var addresses: [String] {
        get { box.withLock { $0 } }
        set { box.withLock { $0 = newValue } }
    }
}
