import Raft

// The commands of the scenarios.
extension InteractionEnvironment {
    static let directives: Set<String> = [
        "_breakpoint", "add-nodes", "campaign", "compact", "deliver-msgs", "dup-msgs", "forget-leader", "log-level",
        "process-append-thread", "process-apply-thread", "process-ready", "propose", "propose-conf-change", "raft-log",
        "raft-state", "read-index", "report-snapshot", "report-unreachable", "restart", "reverse-msgs",
        "send-snapshot", "set-randomized-election-timeout", "stabilize", "status", "tick-election", "tick-heartbeat",
        "transfer-leadership",
    ]

    mutating func command(_ test: Case) throws(Failure) {
        guard InteractionEnvironment.directives.contains(test.directive) else {
            throw Failure("unknown command: \(test.directive)")
        }
        switch test.directive {
        case "_breakpoint": break
        case "add-nodes": try addNodes(test)
        case "log-level": try setLevel(test.plain.first)
        case "stabilize": try stabilizeCommand(test)
        case "process-ready":
            try forEach(nodes(test), "handling Ready") { environment, index throws(Failure) in
                try environment.processReady(index)
            }
        case "process-append-thread":
            try forEach(nodes(test), "processing append thread") { environment, index throws(Failure) in
                environment.processAppendThread(index)
            }
        case "process-apply-thread":
            try forEach(nodes(test), "processing apply thread") { environment, index throws(Failure) in
                try environment.processApplyThread(index)
            }
        case "deliver-msgs": try deliverCommand(test)
        case "raft-state": printStates()
        case "transfer-leadership":
            let from = try node(test.value("from"))
            guard let to = test.number("to"), to != 0 else { throw Failure("transfer leadership to whom?") }
            try call(from) { node throws(RaftError) in node.transferLeader(to: NodeID(to)) }
        case "report-unreachable", "send-snapshot", "report-snapshot": try commandOfTwo(test)
        default: try commandOfOne(test, try node(test.arguments.first?.key))
        }
    }

    private mutating func commandOfOne(_ test: Case, _ index: Int) throws(Failure) {
        switch test.directive {
        case "campaign": try call(index) { node throws(RaftError) in node.campaign() }
        case "propose":
            let text = try word(test)
            try call(index) { node throws(RaftError) in try node.propose([UInt8](text.utf8)) }
        case "propose-conf-change": try proposeConfChange(test, index)
        case "tick-heartbeat": try tick(index, members[index].configuration.heartbeatTicks)
        case "tick-election": try tick(index, members[index].configuration.electionTicks)
        case "raft-log": try printLog(index)
        case "status": printStatus(index)
        case "compact":
            guard let to = UInt64(try word(test)) else { throw Failure("compact to where?") }
            try call(index) { node throws(RaftError) in try node.storage.compact(to: LogIndex(to)) }
            try printLog(index)
        case "forget-leader": try call(index) { node throws(RaftError) in node.forgetLeader() }
        case "set-randomized-election-timeout":
            guard let ticks = test.number("timeout") else { throw Failure("which timeout?") }
            members[index].node.randomizedElectionTicks = Int(ticks)
        case "read-index":
            let context = [UInt8](try word(test).utf8)
            try call(index) { node throws(RaftError) in node.readIndex(context: context) }
        case "restart": restart(index)
        case "dup-msgs": messages += remote(to: index).map { messages[$0] }
        case "reverse-msgs":
            let places = remote(to: index)
            let reversed = places.reversed().map { messages[$0] }
            for (place, message) in zip(places, reversed) { messages[place] = message }
        default: preconditionFailure("\(test.directive) is listed but not written")
        }
    }

    /// Commands about one node and another, which need not exist.
    private mutating func commandOfTwo(_ test: Case) throws(Failure) {
        let index = try node(test.arguments.first?.key)
        guard let raw = UInt64(try word(test)), raw != 0 else { throw Failure("no node id: \(try word(test))") }
        let peer = NodeID(raw)
        switch test.directive {
        case "report-unreachable": try call(index) { node throws(RaftError) in node.reportUnreachable(peer) }
        case "send-snapshot": try sendSnapshot(index, peer)
        default:
            let outcome = test.arguments.count > 2 ? test.arguments[2].key : ""
            guard outcome == "ok" || outcome == "fail" else { throw Failure("neither ok nor fail: \(outcome)") }
            try call(index) { node throws(RaftError) in node.reportSnapshot(peer, succeeded: outcome == "ok") }
        }
    }

    /// The place of the node that a word names.
    private func node(_ word: String?) throws(Failure) -> Int {
        guard let word, let number = Int(word), members.indices.contains(number - 1) else {
            throw Failure("there is no node \(word ?? "without a number")")
        }
        return number - 1
    }

    private func nodes(_ test: Case) throws(Failure) -> [Int] {
        var found: [Int] = []
        for word in test.plain { found.append(try node(word)) }
        return found
    }

    /// What follows the node's number.
    private func word(_ test: Case) throws(Failure) -> String {
        guard test.arguments.count > 1 else { throw Failure("\(test.directive) needs one more word") }
        return test.arguments[1].key
    }

    private func remote(to index: Int) -> [Int] {
        let id = NodeID(UInt64(index + 1))
        return messages.indices.filter { messages[$0].to == id && !isLocal(messages[$0]) }
    }

    private mutating func forEach(
        _ indexes: [Int], _ what: String,
        _ body: (inout InteractionEnvironment, Int) throws(Failure) -> Void
    ) throws(Failure) {
        guard indexes.count > 1 else {
            for index in indexes { try body(&self, index) }
            return
        }
        for index in indexes {
            emit("> \(index + 1) \(what)\n")
            try indented { environment throws(Failure) in try body(&environment, index) }
        }
    }

    private mutating func setLevel(_ name: String?) throws(Failure) {
        guard let wanted = Level(name ?? "") else {
            throw Failure("log levels must be either of [DEBUG INFO WARN ERROR FATAL NONE]")
        }
        level = wanted
    }

    private mutating func stabilizeCommand(_ test: Case) throws(Failure) {
        let indexes = try nodes(test)
        let before = level
        defer { level = before }
        if let name = test.value("log-level") { try setLevel(name) }
        try stabilize(indexes.isEmpty ? Array(members.indices) : indexes)
    }

    private mutating func tick(_ index: Int, _ count: Int) throws(Failure) {
        for _ in 0..<count { try call(index) { node throws(RaftError) in node.tick() } }
    }

    private mutating func proposeConfChange(_ test: Case, _ index: Int) throws(Failure) {
        var isV1 = false
        var transition = ConfChangeV2.Transition.auto
        for argument in test.arguments {
            for value in argument.values ?? [] {
                switch (argument.key, value) {
                case ("v1", _): isV1 = value == "true"
                case ("transition", "auto"): transition = .auto
                case ("transition", "implicit"): transition = .jointImplicit
                case ("transition", "explicit"): transition = .jointExplicit
                case ("transition", _): throw Failure("unknown transition \(value)")
                default: throw Failure("unknown command \(argument.key)")
                }
            }
        }
        let changes = try test.input.memberChanges()
        if isV1 {
            guard changes.count == 1, transition == .auto else {
                throw Failure("v1 conf change can only have one operation and no transition")
            }
            return try call(index) { node throws(RaftError) in try node.propose(ConfChange(changes[0])) }
        }
        try call(index) { node throws(RaftError) in
            try node.propose(ConfChangeV2(transition: transition, changes: changes))
        }
    }

    private mutating func deliverCommand(_ test: Case) throws(Failure) {
        var kind: Message.Kind?
        if let name = test.value("type") {
            kind = Message.Kind.allCases.first { Describe.kind($0) == name }
            guard kind != nil else { throw Failure("unknown message type \(name)") }
        }
        var count = 0
        for argument in test.arguments where argument.key != "type" {
            let isDrop = argument.key == "drop"
            for word in isDrop ? argument.values ?? [] : [argument.key] {
                guard let raw = UInt64(word), raw != 0 else { throw Failure("no node id: \(word)") }
                if !isDrop { _ = try node(word) }
                count += deliver(to: NodeID(raw), kind: kind, drop: isDrop)
            }
        }
        if count == 0 { emit("no messages\n") }
    }

    private mutating func printStates() {
        for member in members {
            let node = member.node
            let isVoter = (node.confState.voters + node.confState.votersOutgoing).contains(node.id)
            emit(
                "\(node.id): \(Describe.role(node.role)) (\(isVoter ? "Voter" : "Non-Voter")) Term:\(node.term) "
                    + "Lead:\(Describe.decimal(node.leader))\n")
        }
    }

    private mutating func printStatus(_ index: Int) {
        for peer in members[index].node.status.peers {
            emit("\(peer.id): \(Describe.progress(peer.progress))\n")
        }
    }

    private mutating func printLog(_ index: Int) throws(Failure) {
        let storage = members[index].node.storage
        let (first, last) = (storage.firstIndex, storage.lastIndex)
        guard last >= first else { return emit("log is empty: first index=\(first), last index=\(last)") }
        do {
            emit(Describe.entries(try storage.entries(first, last.next, maxBytes: .max)))
        } catch {
            throw Failure(error)
        }
    }

    private mutating func sendSnapshot(_ index: Int, _ to: NodeID) throws(Failure) {
        let node = members[index].node
        let message = Message(.snapshot, from: node.id, to: to, term: node.term, snapshot: node.storage.snapshot)
        messages.append(message)
        emit(Describe.message(message))
    }
}
