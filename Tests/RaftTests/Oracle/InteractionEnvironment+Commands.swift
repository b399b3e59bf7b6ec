import Raft

// The commands of the scenarios.
extension InteractionEnvironment {
    mutating func command(_ test: Case) throws(Failure) {
        let indexes = test.plain.compactMap { Int($0) }.map { $0 - 1 }
        switch test.directive {
        case "add-nodes": try addNodes(test)
        case "log-level": try setLevel(test.plain.first)
        case "stabilize": try stabilizeCommand(test, indexes)
        case "process-ready":
            try forEach(indexes, "handling Ready") { environment, index throws(Failure) in
                try environment.processReady(index)
            }
        case "process-append-thread":
            try forEach(indexes, "processing append thread") { environment, index throws(Failure) in
                environment.processAppendThread(index)
            }
        case "process-apply-thread":
            try forEach(indexes, "processing apply thread") { environment, index throws(Failure) in
                try environment.processApplyThread(index)
            }
        case "deliver-msgs": deliverCommand(test, indexes)
        case "raft-state": printStates()
        case "transfer-leadership":
            guard let from = test.number("from"), let to = test.number("to") else { throw Failure("from and to?") }
            try call(Int(from) - 1) { node throws(RaftError) in node.transferLeader(to: NodeID(to)) }
        default:
            guard let index = indexes.first, members.indices.contains(index) else {
                throw Failure("unknown command or node: \(test.directive)")
            }
            try commandOfOne(test, index, indexes)
        }
    }

    private mutating func commandOfOne(_ test: Case, _ index: Int, _ indexes: [Int]) throws(Failure) {
        switch test.directive {
        case "campaign": try call(index) { node throws(RaftError) in node.campaign() }
        case "propose":
            let text = test.arguments.dropFirst().first?.key ?? ""
            try call(index) { node throws(RaftError) in try node.propose([UInt8](text.utf8)) }
        case "propose-conf-change": try proposeConfChange(test, index)
        case "tick-heartbeat": try tick(index, members[index].configuration.heartbeatTicks)
        case "tick-election": try tick(index, members[index].configuration.electionTicks)
        case "raft-log": try printLog(index)
        case "status": printStatus(index)
        case "compact":
            guard let to = UInt64(test.plain.last ?? "") else { throw Failure("compact to where?") }
            try call(index) { node throws(RaftError) in try node.storage.compact(to: LogIndex(to)) }
            try printLog(index)
        case "forget-leader": try call(index) { node throws(RaftError) in node.forgetLeader() }
        case "report-unreachable":
            let peer = NodeID(UInt64(indexes[1] + 1))
            try call(index) { node throws(RaftError) in node.reportUnreachable(peer) }
        case "send-snapshot": try sendSnapshot(index, NodeID(UInt64(indexes[1] + 1)))
        case "set-randomized-election-timeout":
            guard let ticks = test.number("timeout") else { throw Failure("which timeout?") }
            members[index].node.randomizedElectionTicks = Int(ticks)
        case "read-index":
            let context = [UInt8]((test.arguments.dropFirst().first?.key ?? "").utf8)
            try call(index) { node throws(RaftError) in node.readIndex(context: context) }
        case "restart": restart(index)
        case "dup-msgs": messages += remote(to: index).map { messages[$0] }
        case "reverse-msgs":
            let places = remote(to: index)
            let reversed = places.reversed().map { messages[$0] }
            for (place, message) in zip(places, reversed) { messages[place] = message }
        case "report-snapshot":
            let peer = NodeID(UInt64(indexes[1] + 1))
            let succeeded = test.plain.last == "ok"
            try call(index) { node throws(RaftError) in node.reportSnapshot(peer, succeeded: succeeded) }
        default: throw Failure("unknown command: \(test.directive)")
        }
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
        guard let wanted = Level(name ?? "") else { throw Failure("log levels must be either of [debug info ...]") }
        level = wanted
    }

    private mutating func stabilizeCommand(_ test: Case, _ indexes: [Int]) throws(Failure) {
        let before = level
        defer { level = before }
        if let name = test.value("log-level") { try setLevel(name) }
        try stabilize(indexes.isEmpty ? Array(members.indices) : indexes)
    }

    private mutating func tick(_ index: Int, _ count: Int) throws(Failure) {
        for _ in 0..<count { try call(index) { node throws(RaftError) in node.tick() } }
    }

    private mutating func proposeConfChange(_ test: Case, _ index: Int) throws(Failure) {
        guard let changes = test.input.memberChanges else { throw Failure("unreadable change: \(test.input)") }
        if test.flag("v1") {
            guard changes.count == 1 else { throw Failure("v1 conf change can only have one operation") }
            return try call(index) { node throws(RaftError) in try node.propose(ConfChange(changes[0])) }
        }
        let transition: ConfChangeV2.Transition =
            switch test.value("transition") {
            case "implicit": .jointImplicit
            case "explicit": .jointExplicit
            default: .auto
            }
        try call(index) { node throws(RaftError) in
            try node.propose(ConfChangeV2(transition: transition, changes: changes))
        }
    }

    private mutating func deliverCommand(_ test: Case, _ indexes: [Int]) {
        let kind = test.value("type").flatMap { name in
            Message.Kind.allCases.first { Describe.kind($0) == name }
        }
        var count = 0
        for argument in test.arguments {
            if argument.values == nil, let id = UInt64(argument.key) {
                count += deliver(to: NodeID(id), kind: kind, drop: false)
            } else if argument.key == "drop" {
                for id in (argument.values ?? []).compactMap({ UInt64($0) }) {
                    count += deliver(to: NodeID(id), kind: kind, drop: true)
                }
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
