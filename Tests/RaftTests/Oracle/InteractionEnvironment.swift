import Primitives
import Raft

/// Nodes, the messages between them, and everything that was printed.
struct InteractionEnvironment: Environment {
    /// One node with its storage work and the snapshots of its state machine, which appends what it applies.
    struct Member {
        var node: RaftNode
        var configuration: Configuration
        var appendWork: [Message] = []
        var applyWork: [Message] = []
        var history: [Snapshot]
    }

    var members: [Member] = []
    var messages: [Message] = []
    var output = ""
    var level = Level.debug

    /// Why a command failed, in the words of the scenarios.
    struct Failure: Error {
        var text: String

        init(_ text: String) { self.text = text }

        init(_ error: RaftError) {
            switch error {
            case .unknownPeer: text = "raft: cannot step as peer not found"
            case .localMessage: text = "raft: cannot step raft local message"
            case .compacted: text = "requested index is unavailable due to compaction"
            case .unavailable: text = "requested entry at index is unavailable"
            default: text = error.description
            }
        }
    }

    mutating func perform(_ test: Case) -> String {
        output = ""
        do throws(Failure) {
            try command(test)
        } catch {
            output += error.text
            return output
        }
        // A membership change is its command's input; for any other command the input is more commands.
        if test.directive != "propose-conf-change" {
            for line in test.input.split(separator: "\n") {
                guard let next = Case(String(line)) else { continue }
                do throws(Failure) {
                    try command(next)
                } catch {
                    output += error.text
                }
            }
        }
        return output.isEmpty ? "ok" : output
    }

    /// Prints text, unless nothing is to be printed.
    mutating func emit(_ text: String) {
        if level != .none { output += text }
    }

    /// Prints what `body` prints, indented by two spaces.
    mutating func indented(_ body: (inout InteractionEnvironment) throws(Failure) -> Void) throws(Failure) {
        let before = output
        output = ""
        defer {
            var lines = output.split(separator: "\n", omittingEmptySubsequences: false)
            if lines.last?.isEmpty == true { lines.removeLast() }
            output = before + lines.map { "  " + $0 + "\n" }.joined()
        }
        try body(&self)
    }

    /// Prints what a node traced since the last time.
    mutating func printTrace(_ index: Int) {
        let text = TraceText(id: members[index].node.id)
        for event in members[index].node.drainTrace() {
            let (severity, line) = text.line(event)
            if severity >= level { emit("\(name(severity)) \(line)\n") }
        }
    }

    private func name(_ level: Level) -> String {
        switch level {
        case .debug: "DEBUG"
        case .info: "INFO"
        case .warn: "WARN"
        case .error: "ERROR"
        case .fatal, .none: "FATAL"
        }
    }

    /// Calls a node, and prints what it traced even if it throws.
    mutating func call(
        _ index: Int, _ body: (inout RaftNode) throws(RaftError) -> Void
    ) throws(Failure) {
        defer { printTrace(index) }
        do {
            try body(&members[index].node)
        } catch {
            throw Failure(error)
        }
    }

    // MARK: Nodes

    mutating func addNodes(_ test: Case) throws(Failure) {
        guard let count = Int(test.plain.first ?? "") else { throw Failure("how many nodes?") }
        var template = Configuration(id: NodeID(1), electionTicks: 3, heartbeatTicks: 1)
        template.traces = true
        template.sendsAnySnapshot = true
        template.hidesCommitFromCandidates = true
        template.singleVoterReadsAtOnce = true
        template.snapshotTicks = nil
        template.maxInflightMessages = Int(Int32.max)
        var snapshot: Snapshot?
        let ids = { (key: String) in (test.values(key) ?? []).compactMap { UInt64($0).map { NodeID($0) } } }
        if ["voters", "learners", "index", "content"].contains(where: { test.value($0) != nil }) {
            let index = LogIndex(test.number("index") ?? 0)
            guard index > LogIndex(1) else { throw Failure("index must be specified as > 1 due to bootstrap") }
            snapshot = Snapshot(
                metadata: SnapshotMetadata(
                    index: index, term: Term(1),
                    confState: ConfState(voters: ids("voters"), learners: ids("learners"))),
                data: [UInt8]((test.value("content") ?? "").utf8))
            template.applied = index
        }
        if let window = test.number("inflight") { template.maxInflightMessages = Int(window) }
        try checkOptions(test)
        template.maxInflightBytes = test.number("max-inflight-bytes")
        template.asynchronousStorageWrites = test.flag("async-storage-writes")
        template.preVote = test.flag("prevote")
        template.checkQuorum = test.flag("checkquorum")
        template.disableConfChangeValidation = test.flag("disable-conf-change-validation")
        template.stepDownOnRemoval = test.flag("step-down-on-removal")
        switch test.value("read-only") {
        case nil, "safe": break
        case "lease-based": template.readOnlyOption = .leaseBased
        case let other?: throw Failure("invalid read-only option \"\(other)\"")
        }
        if let bytes = test.number("max-size-per-msg") {
            template.maxBytesPerMessage = bytes
            template.maxCommittedBytesPerReady = 1 << 62
        }
        if let bytes = test.number("max-committed-size-per-ready") { template.maxCommittedBytesPerReady = bytes }
        template.maxUncommittedBytes = test.number("max-uncommitted-size")
        for _ in 0..<count { add(template, snapshot) }
    }

    private func checkOptions(_ test: Case) throws(Failure) {
        let known: Set<String> = [
            "voters", "learners", "index", "content", "inflight", "async-storage-writes", "prevote", "checkquorum",
            "max-committed-size-per-ready", "disable-conf-change-validation", "read-only", "step-down-on-removal",
            "max-size-per-msg", "max-uncommitted-size", "max-inflight-bytes",
        ]
        for argument in test.arguments.dropFirst() where !known.contains(argument.key) {
            throw Failure("unknown option \(argument.key)")
        }
        if test.number("inflight") == 0 { throw Failure("max inflight messages must be greater than 0") }
        if let bytes = test.number("max-inflight-bytes"), bytes < test.number("max-size-per-msg") ?? .max {
            throw Failure("max inflight bytes must be >= max message size")
        }
        if test.value("read-only") == "lease-based" && !test.flag("checkquorum") {
            throw Failure("CheckQuorum must be enabled when ReadOnlyOption is ReadOnlyLeaseBased")
        }
    }

    private mutating func add(_ template: Configuration, _ snapshot: Snapshot?) {
        var configuration = template
        configuration.id = NodeID(UInt64(members.count + 1))
        configuration.fixedElectionTicks =
            configuration.electionTicks + (members.count + 1) % configuration.electionTicks
        let storage = MemoryStorage(hardState: .initial, snapshot: snapshot, entries: [])
        let empty = Snapshot(
            metadata: SnapshotMetadata(index: .zero, term: .zero, confState: .empty), data: [])
        members.append(
            Member(
                node: RaftNode(
                    configuration: configuration, storage: storage, generator: SeededGenerator(seed: 1)),
                configuration: configuration, history: [snapshot ?? empty]))
        printTrace(members.count - 1)
    }

    /// Creates a node anew from what it stored.
    mutating func restart(_ index: Int) {
        let id = members[index].node.id
        messages = messages.filter { !($0.to == id && isLocal($0)) }
        members[index].appendWork = []
        members[index].applyWork = []
        var configuration = members[index].configuration
        configuration.applied = members[index].history.last?.index ?? .zero
        members[index].node = RaftNode(
            configuration: configuration, storage: members[index].node.storage, generator: SeededGenerator(seed: 1))
        printTrace(index)
    }

    func isLocal(_ message: Message) -> Bool {
        message.from == message.to || message.from.isLocalThread || message.to.isLocalThread
    }
}
