import Fleet
import Hypervisor
import Manifest
import Primitives
import Raft
import Reconcile
import Replica
import Wire

/// Replicas with a perfect disk, machines in memory, and a network that the test switches on and off.
struct SmallCluster: CustomStringConvertible {
    /// Short, because a failing expectation prints it.
    var description: String { "a cluster of \(nodes.count) at \(now.milliseconds) ms" }

    struct Node {
        var identity: Replica.Identity
        var replica: Replica
        var machines = SmallCluster.noMachines
        var storage = MemoryStorage()
        var pending: [ReplicaInput] = []
        var isUp = true
    }

    var nodes: [NodeID: Node] = [:]
    var now = Instant(milliseconds: 1000)
    var cut: Set<NodeID> = []
    /// Those that get no entries, though they hear of their leader.
    var starved: Set<NodeID> = []
    var answers: [Waiter: WriteResult] = [:]
    var reads: [Waiter: ReadResult] = [:]
    var verdicts: [Waiter: RequestVerdict?] = [:]
    var stopped: [String] = []
    var appended: [NodeID: Int] = [:]
    /// Those whose journal does not answer.
    var stalledDisks: Set<NodeID> = []
    /// What such a journal was given.
    private var heldAppends: [(node: NodeID, work: Message)] = []
    /// How many messages with entries those got no hold of that are starved.
    var withheldAppends: [NodeID: Int] = [:]
    /// How many messages with entries were sent to each.
    var sentAppends: [NodeID: Int] = [:]
    /// Whether everything that waits for a node is one step of it.
    var stepsTogether = false
    /// While true, drivers only take note of work, and the test answers it.
    var holdsWork = false
    /// What drivers were asked for since the test last looked, other than looks.
    var work: [(uid: UID, work: MachineWork)] = []
    /// What every message takes on its way.
    var latencyMilliseconds: Int64 = 0
    private var underWay: [(due: Instant, to: NodeID, input: ReplicaInput)] = []
    /// Images that nodes asked their stores for; the test answers.
    var fetches: [ImageOrder] = []
    /// Those that they no longer want.
    var givenUp: [ImageOrder] = []
    /// Fetches of Git repositories that nodes asked for; the test answers.
    var sourceOrders: [(node: NodeID, order: SourceOrder)] = []
    /// What nodes answered to requests that a repository be fetched.
    var sourceVerdicts: [Waiter: SourceVerdict] = [:]
    let snapshotPolicy: SnapshotPolicy
    let bounds: FleetBounds
    /// Whether no snapshot can be stored.
    let failsSnapshots: Bool
    /// Snapshots that nodes sent to each other, and whether they arrived.
    var sentSnapshots: [(to: NodeID, index: LogIndex, isDelivered: Bool)] = []
    /// How many transfers of a snapshot fail from now on.
    var transfersToFail = 0
    /// Snapshots that nodes wanted stored and that failed.
    var failedSnapshots = 0
    var heldWork: [(uid: UID, work: MachineWork)] = []
    private var nextWaiter: UInt64 = 100
    private var generator = SeededGenerator(seed: 7)

    var wall: WallTime { WallTime(milliseconds: 1_700_000_000_000 + now.milliseconds) }
    static let noMachines = SimulatedMachines(
        timing: SimulatedMachines.Timing(startMilliseconds: 0, stopMilliseconds: 0))
    static let admin = PublicKey(Array(repeating: 200, count: 32))!
    static let ticketHash = [UInt8](repeating: 9, count: 32)

    static func key(_ id: UInt64) -> PublicKey { PublicKey(Array(repeating: UInt8(id), count: 32))! }

    /// Node 1 founds; the others join with a ticket.
    init(
        size: UInt64, snapshotPolicy: SnapshotPolicy = .standard, failsSnapshots: Bool = false,
        bounds: FleetBounds = .standard
    ) {
        self.snapshotPolicy = snapshotPolicy
        self.bounds = bounds
        self.failsSnapshots = failsSnapshots
        let bootstrap = Bootstrap(
            clusterID: "cluster",
            member: Bootstrap.Founder(id: 1, name: nil, key: Self.key(1), addresses: ["h1:1"]), adminKey: Self.admin,
            adminName: "admin")
        let entry = Replica.foundingEntry(bootstrap, stamp: wall, request: RequestID(high: 1, low: 1))
        start(
            1,
            storage: MemoryStorage(
                hardState: HardState(term: entry.term, vote: nil, commit: entry.index), snapshot: nil,
                entries: [entry]))
        run { $0.leader != nil && $0.nodes[NodeID(1)]!.replica.isCaughtUp }
        _ = write(
            .createTicket(
                TicketGrant(secretHash: Self.ticketHash, expiresAt: WallTime(milliseconds: 4_000_000_000_000), uses: 9))
        )
        for id in stride(from: UInt64(2), through: size, by: 1) {
            _ = write(
                .join(
                    Join(
                        id: id, name: nil, key: Self.key(id), addresses: ["h\(id):1"], ticketHash: Self.ticketHash,
                        incarnation: id)),
                author: Self.key(id))
            start(id, storage: MemoryStorage())
            run { cluster in cluster.nodes.values.allSatisfy { $0.replica.voterIDs.count == Int(id) } }
        }
        run { cluster in cluster.nodes.values.allSatisfy { $0.replica.isCaughtUp && $0.replica.name != nil } }
    }

    mutating func start(_ id: UInt64, storage: MemoryStorage, machines: SimulatedMachines = noMachines) {
        let identity = Replica.Identity(id: NodeID(id), key: Self.key(id), clusterID: "cluster")
        var node = Node(
            identity: identity,
            replica: Replica(
                identity: identity, storage: storage,
                fleet: storage.snapshot.map { try! Fleet(snapshot: $0.data, bounds: bounds) } ?? Fleet(bounds: bounds),
                seed: generator.next(), now: now, wall: wall, snapshotPolicy: snapshotPolicy),
            machines: machines, storage: storage)
        node.pending = [
            .facts(
                NodeFacts(
                    version: "1", capacity: NodeResources(cpus: 4, memoryBytes: 4 << 30),
                    allocatable: NodeResources(cpus: 4, memoryBytes: 4 << 30), accelerator: nil,
                    hypervisorProblem: nil, addresses: ["h\(id):1"])),
            .observedAll(node.machines.observeAll(now: now)),
        ]
        nodes[NodeID(id)] = node
        settle()
    }

    /// A process that ends at once, and comes back with what its disk holds.
    mutating func restart(_ id: UInt64) {
        let node = nodes[NodeID(id)]!
        start(id, storage: node.storage, machines: node.machines)
    }

    var leader: NodeID? {
        nodes.values.filter { $0.isUp && $0.replica.role == .leader && !cut.contains($0.identity.id) }
            .max { $0.replica.term < $1.replica.term }?.identity.id
    }

    mutating func write(_ command: Command, author: PublicKey = admin, at id: NodeID? = nil) -> WriteResult? {
        let waiter = submit(command, author: author, at: id ?? leader ?? NodeID(1))
        run { $0.answers[waiter] != nil }
        return answers[waiter]
    }

    mutating func submit(
        _ command: Command, author: PublicKey = admin, at id: NodeID, request: RequestID? = nil
    ) -> Waiter {
        nextWaiter += 1
        let waiter = Waiter(nextWaiter)
        let submission = WriteSubmission(
            request: request ?? RequestID.random(using: &generator), author: author, command: command)
        input(.write(waiter, submission), at: id)
        settle()
        return waiter
    }

    /// Asks a node to start or restart a machine; ``verdicts`` has the answer when there is one.
    mutating func ask(_ request: MachineRequest, of uid: UID, at id: NodeID) -> Waiter {
        nextWaiter += 1
        let waiter = Waiter(nextWaiter)
        input(.request(request, uid, waiter), at: id)
        settle()
        return waiter
    }

    mutating func read(at id: NodeID) -> Waiter {
        nextWaiter += 1
        let waiter = Waiter(nextWaiter)
        input(.read(waiter), at: id)
        settle()
        return waiter
    }

    mutating func input(_ input: ReplicaInput, at id: NodeID) {
        nodes[id]!.pending.append(input)
    }

    /// Ticks until the condition holds; a minute of simulated time at most.
    mutating func run(_ isDone: (SmallCluster) -> Bool) {
        for _ in 0..<600 {
            if isDone(self) { return }
            tick()
        }
    }

    mutating func tick() {
        now = now + ReplicaTiming.tickMilliseconds
        for item in underWay where item.due <= now { input(item.input, at: item.to) }
        underWay.removeAll { [now] in $0.due <= now }
        for id in nodes.keys.sorted() where nodes[id]!.isUp {
            let peers = nodes.keys.filter { $0 != id }.map { peer in
                (
                    peer,
                    PeerObservation(
                        isConnected: nodes[peer]!.isUp && !cut.contains(peer) && !cut.contains(id),
                        silentMilliseconds: nil)
                )
            }
            input(.peers(Dictionary(uniqueKeysWithValues: peers)), at: id)
            input(.tick, at: id)
        }
        settle()
    }

    /// Handles everything that follows at this very moment.
    mutating func settle() {
        while let id = nodes.keys.sorted().first(where: { nodes[$0]!.isUp && !nodes[$0]!.pending.isEmpty }) {
            let count = stepsTogether ? nodes[id]!.pending.count : 1
            let inputs = Array(nodes[id]!.pending.prefix(count))
            nodes[id]!.pending.removeFirst(count)
            let effects = nodes[id]!.replica.step(inputs, now: now, wall: wall)
            for effect in effects { perform(effect, of: id) }
        }
    }

    private mutating func perform(_ effect: ReplicaEffect, of id: NodeID) {
        switch effect {
        case .send(let to, let message):
            if case .raft(let raft) = message, !raft.entries.isEmpty { sentAppends[to, default: 0] += 1 }
            guard !cut.contains(id), !cut.contains(to), nodes[to]?.isUp == true else { return }
            if case .raft(let raft) = message, raft.kind == .append, starved.contains(to) {
                if !raft.entries.isEmpty { withheldAppends[to, default: 0] += 1 }
                return
            }
            if latencyMilliseconds > 0 {
                underWay.append((now + latencyMilliseconds, to, .message(from: id, message)))
            } else {
                nodes[to]!.pending.append(.message(from: id, message))
            }
        case .sendSnapshot(let to, let message): sendSnapshot(message, from: id, to: to)
        case .append(let append) where stalledDisks.contains(id): heldAppends.append((id, append.message))
        case .append(let append): store(append.message, at: id)
        case .answer(let waiter, let result): answers[waiter] = result
        case .readable(let waiter, let result): reads[waiter] = result
        case .requested(let waiter, let verdict): verdicts[waiter] = .some(verdict)
        case .perform(let uid, let work):
            if work != .look { self.work.append((uid, work)) }
            if holdsWork, work != .look { heldWork.append((uid, work)) } else { perform(work, on: uid, of: id) }
        case .stop(let reason): stopped.append(reason)
        case .fetch(let order): fetches.append(order)
        case .giveUp(let order): givenUp.append(order)
        case .fetchSource(let order): sourceOrders.append((id, order))
        case .sourceAnswered(let waiter, let verdict): sourceVerdicts[waiter] = verdict
        case .saveSnapshot(let order):
            guard !failsSnapshots else {
                failedSnapshots += 1
                nodes[id]!.pending.append(.snapshotFailed)
                return
            }
            save(Snapshot(metadata: order.metadata, data: order.fleet.encodeSnapshot()), at: id)
        case .stateChanged, .membersChanged, .machinesHalted, .notice: break
        }
    }

    private mutating func save(_ snapshot: Snapshot, at id: NodeID) {
        if nodes[id]!.storage.snapshot?.index ?? .zero < snapshot.index {
            try! nodes[id]!.storage.createSnapshot(
                at: snapshot.index, confState: snapshot.metadata.confState, data: snapshot.data)
            // A disk keeps what both snapshots include for as long as it likes.
            let storage = nodes[id]!.storage
            if snapshot.index - storage.compacted.index > snapshotPolicy.trailingEntries {
                try! nodes[id]!.storage.compact(to: snapshot.index - snapshotPolicy.trailingEntries)
            }
        }
        nodes[id]!.pending.append(.snapshotSaved(snapshot))
    }

    /// The journal makes the work durable, and says so.
    private mutating func store(_ work: Message, at id: NodeID) {
        if let snapshot = work.snapshot { try! nodes[id]!.storage.applySnapshot(snapshot) }
        if let state = work.hardState { nodes[id]!.storage.setHardState(state) }
        nodes[id]!.storage.append(work.entries)
        appended[id, default: 0] += 1
        nodes[id]!.pending.append(.appended(work))
    }

    /// A journal that did not answer does all at once what it was given.
    mutating func wakeDisk(of id: NodeID) {
        stalledDisks.remove(id)
        for held in heldAppends where held.node == id { store(held.work, at: id) }
        heldAppends.removeAll { $0.node == id }
        settle()
    }

    private mutating func sendSnapshot(_ message: Message, from id: NodeID, to: NodeID) {
        let snapshot = message.snapshot!
        var isDelivered = false
        if transfersToFail > 0 {
            transfersToFail -= 1
        } else if !cut.contains(id), !cut.contains(to), nodes[to]?.isUp == true {
            isDelivered = true
            let fleet = try! Fleet(snapshot: snapshot.data, bounds: bounds)
            input(.snapshotReceived(from: id, message, fleet), at: to)
        }
        sentSnapshots.append((to, snapshot.index, isDelivered))
        input(.snapshotSent(to: to, index: snapshot.index, isDelivered: isDelivered), at: id)
    }

    /// The driver does what it has held back the longest, or fails to.
    mutating func answerWork(at id: NodeID, failing: MachineFailure? = nil) {
        let (uid, work) = heldWork.removeFirst()
        perform(work, on: uid, of: id, failing: failing)
        settle()
    }

    private mutating func perform(
        _ work: MachineWork, on uid: UID, of id: NodeID, failing: MachineFailure? = nil
    ) {
        var failure = failing
        do throws(MachineFailure) {
            switch work {
            case _ where failing != nil: break
            case .look: break
            case .start(let spec): _ = try nodes[id]!.machines.start(spec, now: now, wallTime: wall)
            case .resume: try nodes[id]!.machines.resume(uid, now: now)
            case .stop(let grace): _ = try nodes[id]!.machines.stop(uid, graceMilliseconds: grace, now: now)
            case .delete: try nodes[id]!.machines.delete(uid, now: now)
            }
        } catch {
            failure = error
        }
        let observation = nodes[id]!.machines.observe(uid, now: now)
        nodes[id]!.pending.append(
            work == .look ? .observed(observation) : .machineDone(uid, failure, observation))
    }
}
