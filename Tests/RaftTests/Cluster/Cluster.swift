import Primitives
import Raft
import Testing

/// Nodes with asynchronous storage, the messages between them, and what must hold after every step.
///
/// Nothing happens by itself: a test says which message is delivered, whose disk finishes, who crashes.
struct Cluster {
    /// A node, its disk's queue, and its state machine, which is the list of what was applied.
    struct Member {
        var node: RaftNode
        var appendWork: [Message] = []
        var applyWork: [Message] = []
        /// Applied since the last snapshot that was installed or taken.
        var applied: [Entry] = []
        var confState: ConfState
        var appliedIndex: LogIndex
        var reads: [ReadState] = []
        var isUp = true
    }

    var members: [NodeID: Member] = [:]
    var network: [Message] = []
    var truth = Truth()
    private let template: Configuration

    var ids: [NodeID] { members.keys.sorted() }

    init(
        voters: [UInt64], learners: [UInt64] = [], others: [UInt64] = [],
        _ adjust: (inout Configuration) -> Void = { _ in }
    ) {
        var template = Configuration(id: NodeID(1), electionTicks: 10, heartbeatTicks: 1)
        template.asynchronousStorageWrites = true
        template.maxInflightMessages = 16
        adjust(&template)
        self.template = template
        let state = ConfState(voters: voters.map { NodeID($0) }, learners: learners.map { NodeID($0) })
        let first = Snapshot(
            metadata: SnapshotMetadata(index: LogIndex(1), term: Term(1), confState: state), data: [])
        let hard = HardState(term: Term(1), vote: nil, commit: LogIndex(1))
        for id in voters + learners { add(id, MemoryStorage(hardState: hard, snapshot: first, entries: [])) }
        for id in others { add(id, MemoryStorage()) }
    }

    private mutating func add(_ raw: UInt64, _ storage: MemoryStorage) {
        let id = NodeID(raw)
        members[id] = Member(
            node: start(id, storage), confState: storage.confState, appliedIndex: storage.snapshot?.index ?? .zero)
    }

    private func start(_ id: NodeID, _ storage: MemoryStorage) -> RaftNode {
        var configuration = template
        configuration.id = id
        configuration.applied = storage.snapshot?.index ?? .zero
        return RaftNode(
            configuration: configuration, storage: storage, generator: SeededGenerator(seed: 77 + id.rawValue))
    }

    subscript(_ raw: UInt64) -> RaftNode {
        get { members[NodeID(raw)]!.node }
        set { members[NodeID(raw)]!.node = newValue }
    }

    /// Does something to a node, then checks everything.
    @discardableResult
    mutating func with<Value>(_ raw: UInt64, _ body: (inout RaftNode) throws -> Value) rethrows -> Value {
        defer { truth.check(self) }
        return try body(&members[NodeID(raw)]!.node)
    }

    // MARK: What shells do

    /// Takes a node's output: work goes to its disk, messages onto the network.
    mutating func takeReady(_ id: NodeID) {
        guard members[id]!.isUp else { return }
        while members[id]!.node.hasReady {
            let ready = members[id]!.node.ready()
            members[id]!.reads += ready.readStates
            for message in ready.messages {
                switch message.to {
                case .appendThread: members[id]!.appendWork.append(message)
                case .applyThread: members[id]!.applyWork.append(message)
                default: post(message)
                }
            }
        }
        truth.check(self)
    }

    private mutating func post(_ message: Message) {
        truth.note(message)
        network.append(message)
    }

    /// The oldest write of a node becomes durable.
    mutating func finishAppend(_ id: NodeID) {
        guard members[id]!.isUp, !members[id]!.appendWork.isEmpty else { return }
        let work = members[id]!.appendWork.removeFirst()
        if let snapshot = work.snapshot {
            members[id]!.applied = truth.applied(upTo: snapshot.index)
            members[id]!.confState = snapshot.metadata.confState
            members[id]!.appliedIndex = snapshot.index
        }
        for message in members[id]!.node.completeAppend(work) { post(message) }
        truth.check(self)
    }

    /// A node applies the oldest of what it was handed.
    mutating func finishApply(_ id: NodeID) {
        guard members[id]!.isUp, !members[id]!.applyWork.isEmpty else { return }
        let work = members[id]!.applyWork.removeFirst()
        // A snapshot may have been installed meanwhile.
        for entry in work.entries where entry.index > members[id]!.appliedIndex {
            members[id]!.applied.append(entry)
            members[id]!.appliedIndex = entry.index
            if entry.isMembershipChange, let state = try? members[id]!.node.applyConfChange(in: entry) {
                members[id]!.confState = state
                // New members need a snapshot that names them.
                snapshot(id)
            }
        }
        truth.noteApplied(work.entries)
        members[id]!.node.completeApply(work)
        truth.check(self)
    }

    /// Delivers the first message on the network that fits; false if none does.
    @discardableResult
    mutating func deliver(where fits: (Message) -> Bool) -> Bool {
        guard let place = network.firstIndex(where: fits) else { return false }
        deliver(network.remove(at: place))
        return true
    }

    mutating func deliver(_ message: Message) {
        guard members[message.to]?.isUp == true else { return }
        do {
            try members[message.to]!.node.step(message)
        } catch .unknownPeer, .proposalDropped {
            // A message of someone who left, or a proposal that found no leader.
        } catch {
            Issue.record("\(message.to) refused \(message.kind) of \(message.from): \(error)")
        }
        truth.check(self)
    }

    mutating func drop(where fits: (Message) -> Bool) { network.removeAll(where: fits) }

    /// A node loses everything that is not durable, and starts again.
    mutating func crash(_ id: NodeID) {
        let storage = members[id]!.node.storage
        members[id]!.appendWork = []
        members[id]!.applyWork = []
        members[id]!.node = start(id, storage)
        members[id]!.appliedIndex = storage.snapshot?.index ?? .zero
        members[id]!.applied = truth.applied(upTo: members[id]!.appliedIndex)
        members[id]!.confState = storage.confState
        truth.restarted(id)
        truth.check(self)
    }

    /// A node makes a snapshot of what it has applied; false if that is not newer than the last.
    @discardableResult
    private mutating func snapshot(_ id: NodeID) -> Bool {
        let index = members[id]!.appliedIndex
        let state = members[id]!.confState
        guard index <= members[id]!.node.storage.lastIndex, index > members[id]!.node.storage.snapshot?.index ?? .zero
        else { return false }
        do {
            try members[id]!.node.storage.createSnapshot(at: index, confState: state, data: [])
            return true
        } catch {
            Issue.record("\(id) could not make a snapshot at \(index): \(error)")
            return false
        }
    }

    /// A node makes a snapshot, and forgets the log up to it.
    mutating func compact(_ id: NodeID) {
        snapshot(id)
        guard let index = members[id]!.node.storage.snapshot?.index,
            index > members[id]!.node.storage.compacted.index
        else { return }
        do {
            try members[id]!.node.storage.compact(to: index)
        } catch {
            Issue.record("\(id) could not compact to \(index): \(error)")
        }
        truth.check(self)
    }
}
