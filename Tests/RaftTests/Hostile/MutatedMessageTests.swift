import Primitives
import Raft
import TestFiles
import Testing

/// Messages of a working cluster with something about them changed: they get past checks that noise does not.
@Suite("Mutated messages")
struct MutatedMessageTests {
    private static let rounds = SharedData.environment("BLIXARD_RAFT_FUZZ").flatMap { Int($0) } ?? 20_000
    private static let batches = 10
    /// What marks a vote request that a leader asked for.
    private static let transferMark = [UInt8]("CampaignTransfer".utf8)

    /// A number near another, near a limit of the machine, or anything.
    private static func number(near value: UInt64, _ chance: inout SeededGenerator) -> UInt64 {
        switch Int.random(in: 0..<8, using: &chance) {
        case 0: value &+ 1
        case 1: value &- 1
        case 2: 0
        case 3: .max - UInt64.random(in: 0...2, using: &chance)
        case 4: (1 << 62) &+ UInt64.random(in: 0...2, using: &chance) &- 1
        case 5: 1 << 63
        case 6: UInt64.random(in: 0...20, using: &chance)
        default: UInt64.random(in: .min ... .max, using: &chance)
        }
    }

    private static func node(_ chance: inout SeededGenerator) -> NodeID {
        let ids: [NodeID] = [.appendThread, .applyThread, NodeID(.max - 2)] + (1...6).map { NodeID($0) }
        return ids.randomElement(using: &chance)!
    }

    private static func nodes(_ chance: inout SeededGenerator) -> [NodeID] {
        (0..<Int.random(in: 0...4, using: &chance)).map { _ in node(&chance) }
    }

    private static func mutate(_ message: inout Message, _ chance: inout SeededGenerator) {
        switch Int.random(in: 0..<14, using: &chance) {
        case 0: message.kind = Message.Kind.allCases.randomElement(using: &chance)!
        case 1: message.from = node(&chance)
        case 2: message.term = Term(number(near: message.term.rawValue, &chance))
        case 3: message.logTerm = Term(number(near: message.logTerm.rawValue, &chance))
        case 4: message.index = LogIndex(number(near: message.index.rawValue, &chance))
        case 5: message.commit = LogIndex(number(near: message.commit.rawValue, &chance))
        case 6: message.reject.toggle()
        case 7: message.rejectHint = LogIndex(number(near: message.rejectHint.rawValue, &chance))
        case 8: message.context = [[], transferMark, [1, 2, 3, 4, 5, 6, 7, 8]].randomElement(using: &chance)!
        case 9: mutateEntries(&message.entries, &chance)
        case 10: message.snapshot = snapshot(near: message.index, &chance)
        case 11: message.vote = node(&chance)
        case 12: message.responses = [message]
        default: message.to = node(&chance)
        }
    }

    private static func mutateEntries(_ entries: inout [Entry], _ chance: inout SeededGenerator) {
        guard let place = entries.indices.randomElement(using: &chance) else {
            entries = [Entry(term: Term(2), index: LogIndex(3), kind: .membership, data: [1, 2, 3])]
            return
        }
        switch Int.random(in: 0..<5, using: &chance) {
        case 0: entries[place].term = Term(number(near: entries[place].term.rawValue, &chance))
        case 1: entries[place].index = LogIndex(number(near: entries[place].index.rawValue, &chance))
        case 2: entries[place].kind = Entry.Kind.allCases.randomElement(using: &chance)!
        case 3: entries.append(entries[place])
        default: entries.remove(at: place)
        }
    }

    private static func snapshot(near index: LogIndex, _ chance: inout SeededGenerator) -> Snapshot {
        let state = ConfState(
            voters: nodes(&chance), learners: nodes(&chance), votersOutgoing: nodes(&chance),
            learnersNext: nodes(&chance), autoLeave: Bool.random(using: &chance))
        return Snapshot(
            metadata: SnapshotMetadata(
                index: LogIndex(number(near: index.rawValue, &chance)), term: Term(number(near: 2, &chance)),
                confState: state), data: [])
    }

    /// What the node goes on with after such a message: its own work, and time.
    private static func goOn(_ node: inout RaftNode) {
        for _ in 0..<3 {
            node.tick()
            guard node.hasReady else { continue }
            for work in node.ready().messages {
                if work.to == .appendThread { _ = node.completeAppend(work) }
                if work.to == .applyThread { apply(work, &node) }
            }
        }
    }

    private static func apply(_ work: Message, _ node: inout RaftNode) {
        for entry in work.entries where entry.isMembershipChange {
            do { try node.applyConfChange(in: entry) } catch { #expect(!error.description.isEmpty) }
        }
        node.completeApply(work)
    }

    /// - Returns: Whether the message was taken; nothing stops the program either way.
    private static func survives(_ message: Message, _ member: Cluster.Member) -> Bool {
        var node = member.node
        for work in member.appendWork { _ = node.completeAppend(work) }
        for work in member.applyWork { apply(work, &node) }
        let isTaken: Bool
        do {
            try node.step(message)
            isTaken = true
        } catch {
            #expect(!error.description.isEmpty)
            isTaken = false
        }
        goOn(&node)
        return isTaken
    }

    @Test("T47: a valid message with anything about it changed stops no node, in any state", arguments: 0..<batches)
    func mutated(_ batch: Int) {
        var chance = SeededGenerator(seed: UInt64(1000 + batch))
        var schedule = RandomSchedule(seed: UInt64(batch))
        var refused = 0
        var taken = 0
        while refused + taken < MutatedMessageTests.rounds / MutatedMessageTests.batches {
            schedule.run(steps: 5)
            for _ in 0..<20 {
                guard var message = schedule.cluster.network.randomElement(using: &chance) else { break }
                for _ in 0..<Int.random(in: 1...3, using: &chance) { MutatedMessageTests.mutate(&message, &chance) }
                guard let member = schedule.cluster.members[message.to] else { continue }
                if MutatedMessageTests.survives(message, member) { taken += 1 } else { refused += 1 }
            }
        }
        #expect(MutatedMessageTests.rounds < 1000 || (refused > 0 && taken > 0))
    }
}
