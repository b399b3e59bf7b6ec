import Raft

/// The quorum arithmetic by itself, with checks of what must hold for any input.
struct QuorumEnvironment: Environment {
    static let directives: Set<String> = ["committed", "vote"]

    func perform(_ test: Case) -> String {
        guard QuorumEnvironment.directives.contains(test.directive) else { return "unknown command: \(test.directive)" }
        let isVote = test.directive == "vote"
        let first = ids(test.values("cfg") ?? [])
        let isJoint = test.values("cfgj") != nil
        let second = ids((test.values("cfgj") ?? []).filter { $0 != "zero" })
        var order: [NodeID] = []
        for id in first + second where !order.contains(id) { order.append(id) }
        let values = test.values(isVote ? "votes" : "idx") ?? []
        guard values.count == order.count else {
            let voters = order.sorted().map { "\($0):{}" }.joined(separator: " ")
            let given = values.map { isVote ? voteNumber($0) : $0 == "_" ? "0" : $0 }.joined(separator: " ")
            return "error: mismatched input (explicit or _) for voters map[\(voters)]: [\(given)]"
        }
        return isVote
            ? vote(first, isJoint ? second : nil, order, values)
            : committed(first, isJoint ? second : nil, order, values)
    }

    /// How a vote is written where the input does not fit.
    private func voteNumber(_ value: String) -> String { ["n": "1", "y": "2"][value] ?? "0" }

    private func ids(_ values: [String]) -> [NodeID] { values.compactMap { UInt64($0).map { NodeID($0) } } }

    private func vote(_ first: [NodeID], _ second: [NodeID]?, _ order: [NodeID], _ values: [String]) -> String {
        var votes: [NodeID: Bool] = [:]
        for (id, value) in zip(order, values) where value != "_" { votes[id] = value == "y" }
        func name(_ result: VoteResult) -> String {
            switch result {
            case .pending: "VotePending"
            case .lost: "VoteLost"
            case .won: "VoteWon"
            }
        }
        func joint(_ one: [NodeID], _ other: [NodeID]) -> VoteResult {
            JointQuorum(incoming: Majority(one), outgoing: Majority(other)).result { votes[$0] }
        }
        let result = second.map { joint(first, $0) } ?? Majority(first).result { votes[$0] }
        var text = ""
        func check(_ other: VoteResult, _ how: String) {
            if other != result { text += "\(name(other)) <-- via \(how)\n" }
        }
        if let second {
            check(joint(second, first), "symmetry")
        } else {
            check(joint(first, first), "self-joint quorum")
            check(joint(first, []), "zero-joint quorum")
        }
        return text + name(result)
    }

    private func committed(_ first: [NodeID], _ second: [NodeID]?, _ order: [NodeID], _ values: [String]) -> String {
        var known: [NodeID: LogIndex] = [:]
        for (id, value) in zip(order, values) where value != "_" { known[id] = LogIndex(UInt64(value) ?? 0) }
        func name(_ index: LogIndex) -> String { index == .infinity ? "∞" : "\(index)" }
        func joint(_ one: [NodeID], _ other: [NodeID]) -> LogIndex {
            JointQuorum(incoming: Majority(one), outgoing: Majority(other)).committedIndex { known[$0] }
        }
        let result = second.map { joint(first, $0) } ?? Majority(first).committedIndex { known[$0] }
        var text = table(order.sorted(), known)
        func check(_ other: LogIndex, _ how: String) {
            if other != result { text += "\(name(other)) <-- via \(how)\n" }
        }
        if let second {
            check(joint(second, first), "symmetry")
            return text + name(result)
        }
        check(byCounting(first, known), "alternative computation")
        check(joint(first, []), "zero-joint quorum")
        check(joint(first, first), "self-joint quorum")
        for id in first {
            // Whoever is behind the result already can't change it by falling further behind.
            guard let index = known[id], index > .zero, index < result else { continue }
            for lower in [index.previous, .zero] {
                var lowered = known
                lowered[id] = lower
                check(Majority(first).committedIndex { lowered[$0] }, "overlaying \(id)->\(lower)")
            }
        }
        return text + name(result)
    }

    /// The largest index that more than half hold, found without sorting.
    private func byCounting(_ voters: [NodeID], _ known: [NodeID: LogIndex]) -> LogIndex {
        guard !voters.isEmpty else { return .infinity }
        let holders = voters.map { candidate in
            let index = known[candidate] ?? .zero
            return (index, voters.count { (known[$0] ?? .zero) >= index })
        }
        return holders.filter { 2 * $0.1 > voters.count }.map(\.0).max() ?? .zero
    }

    private func table(_ voters: [NodeID], _ known: [NodeID: LogIndex]) -> String {
        guard !voters.isEmpty else { return "<empty majority quorum>" }
        let count = voters.count
        func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }
        var text = spaces(count) + "    idx\n"
        for id in voters {
            let index = known[id] ?? .zero
            let smaller = voters.count { (known[$0] ?? .zero) < index }
            text +=
                known[id] == nil
                ? "?" + spaces(count) : String(repeating: "x", count: smaller) + ">" + spaces(count - smaller)
            let number = "\(index)"
            text += " " + spaces(max(0, 5 - number.count)) + number + "    (id=\(Describe.hex(id)))\n"
        }
        return text
    }
}
