import Raft

extension Cluster {
    /// Lets everybody work, over links that `connects` allows, until nothing moves; messages over other links are
    /// lost. At most `steps` rounds.
    mutating func settle(steps: Int = 200, _ connects: (UInt64, UInt64) -> Bool = { _, _ in true }) {
        for _ in 0..<steps {
            var moved = false
            for id in ids where members[id]!.isUp {
                if members[id]!.node.hasReady { moved = true }
                takeReady(id)
                while !members[id]!.appendWork.isEmpty {
                    finishAppend(id)
                    moved = true
                }
                while !members[id]!.applyWork.isEmpty {
                    finishApply(id)
                    moved = true
                }
            }
            let batch = network
            network = []
            for message in batch where connects(message.from.rawValue, message.to.rawValue) {
                deliver(message)
                moved = true
            }
            if !moved { return }
        }
    }

    /// Makes a node leader, with everything connected.
    mutating func elect(_ raw: UInt64, _ connects: (UInt64, UInt64) -> Bool = { _, _ in true }) {
        with(raw) { $0.campaign() }
        settle(connects)
    }

    mutating func propose(_ raw: UInt64, _ text: String) throws {
        try with(raw) { try $0.propose([UInt8](text.utf8)) }
    }

    /// Ticks everybody once, then settles.
    mutating func tick(_ connects: (UInt64, UInt64) -> Bool = { _, _ in true }) {
        for id in ids where members[id]!.isUp { members[id]!.node.tick() }
        settle(connects)
    }

    var leaders: [UInt64] { ids.filter { members[$0]!.node.isLeader }.map(\.rawValue) }

    func texts(_ raw: UInt64) -> [String] {
        members[NodeID(raw)]!.applied.filter { $0.kind == .normal && !$0.data.isEmpty }
            .map { String(decoding: $0.data, as: UTF8.self) }
    }
}

/// Shorthand for messages that tests write by hand.
func entry(_ term: UInt64, _ index: UInt64, _ text: String = "x") -> Entry {
    Entry(term: Term(term), index: LogIndex(index), data: [UInt8](text.utf8))
}

func append(
    _ from: UInt64, _ to: UInt64, term: UInt64, after: (UInt64, UInt64), _ entries: [Entry], commit: UInt64 = 0
) -> Message {
    Message(
        .append, from: NodeID(from), to: NodeID(to), term: Term(term), logTerm: Term(after.0),
        index: LogIndex(after.1), entries: entries, commit: LogIndex(commit))
}
