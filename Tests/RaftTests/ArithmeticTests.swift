import Primitives
import Raft
import Testing

@Suite("Quorums")
struct QuorumTests {
    @Test("the committed index is the largest that more than half hold, for any voters and indexes")
    func committed() {
        var chance = SeededGenerator(seed: 1)
        for _ in 0..<2000 {
            let count = Int.random(in: 1...9, using: &chance)
            let voters = (1...count).map { NodeID(UInt64($0)) }
            var known: [NodeID: LogIndex] = [:]
            for voter in voters where Bool.random(using: &chance) {
                known[voter] = LogIndex(UInt64.random(in: 0..<6, using: &chance))
            }
            let result = Majority(voters).committedIndex { known[$0] }
            let holders = { (index: LogIndex) in voters.count { (known[$0] ?? .zero) >= index } }
            #expect(2 * holders(result) > count)
            #expect(2 * holders(result.next) <= count)
        }
    }

    @Test("an election is won or lost exactly when no further vote can change that")
    func votes() {
        for count in 1...5 {
            for pattern in 0..<(0..<count).reduce(1, { power, _ in power * 3 }) {
                var rest = pattern
                var given: [NodeID: Bool] = [:]
                let voters = (1...count).map { NodeID(UInt64($0)) }
                for voter in voters {
                    if rest % 3 != 0 { given[voter] = rest % 3 == 1 }
                    rest /= 3
                }
                let yes = given.values.count { $0 }
                let no = given.count - yes
                let expected: VoteResult = 2 * yes > count ? .won : 2 * no >= count ? .lost : .pending
                #expect(Majority(voters).result { given[$0] } == expected)
            }
        }
    }

    @Test("a quorum of no voters is won at once and holds back no index")
    func empty() {
        let alone = JointQuorum(incoming: Majority([NodeID(1)]))
        #expect(alone.committedIndex { _ in LogIndex(7) } == LogIndex(7))
        #expect(alone.result { _ in nil } == .pending)
        #expect(Majority().result { _ in nil } == .won)
    }
}

@Suite("Windows")
struct InflightsTests {
    @Test("a window counts messages and bytes as a plain list would")
    func model() {
        var chance = SeededGenerator(seed: 2)
        for _ in 0..<200 {
            let limit = Int.random(in: 1...9, using: &chance)
            let bytes: UInt64? = Bool.random(using: &chance) ? UInt64.random(in: 1...40, using: &chance) : nil
            var window = Inflights(window: Inflights.Window(messages: limit, bytes: bytes))
            var model: [(index: LogIndex, bytes: UInt64)] = []
            var next = LogIndex(1)
            for _ in 0..<100 {
                let used = model.reduce(0) { $0 + $1.bytes }
                let isFull = model.count >= limit || (bytes.map { used >= $0 } ?? false)
                #expect(window.isFull == isFull && window.count == model.count)
                if isFull || Bool.random(using: &chance) {
                    let upTo = next - Int.random(in: 0..<5, using: &chance).clamped(to: Int(next.rawValue))
                    window.free(upTo: upTo)
                    model.removeAll { $0.index <= upTo }
                } else {
                    let size = UInt64.random(in: 0..<20, using: &chance)
                    window.add(next, bytes: size)
                    model.append((next, size))
                    next = next.next
                }
            }
            window.reset()
            #expect(window.count == 0)
        }
    }
}

extension Int {
    fileprivate func clamped(to limit: Int) -> Int { Swift.min(self, limit) }
}

@Suite("Membership arithmetic")
struct ChangerTests {
    @Test("whatever is changed, a snapshot's membership restores the same, and old and new quorums overlap")
    func anyChange() {
        var chance = SeededGenerator(seed: 3)
        let window = Inflights.Window(messages: 4, bytes: nil)
        for _ in 0..<200 {
            var changer = Changer(restoring: ConfState(voters: [NodeID(1)]), window: window, lastIndex: LogIndex(1))
            for _ in 0..<30 {
                let before = changer.membership
                let changes: [MemberChange] = (0..<Int.random(in: 0..<4, using: &chance)).map { _ in
                    let id = NodeID(UInt64.random(in: 1...5, using: &chance))
                    return [.addVoter(id), .addLearner(id), .remove(id), .update(id)].randomElement(using: &chance)!
                }
                do throws(MembershipError) {
                    switch Int.random(in: 0..<3, using: &chance) {
                    case 0: try changer.simple(changes)
                    case 1: try changer.enterJoint(autoLeave: Bool.random(using: &chance), changes)
                    default: try changer.leaveJoint()
                    }
                } catch {
                    #expect(changer.membership == before)
                    continue
                }
                let restored = Changer(
                    restoring: changer.membership.confState, window: window, lastIndex: LogIndex(1))
                #expect(restored.membership == changer.membership)
                #expect(restored.members.map(\.0) == changer.members.map(\.0))
                #expect(restored.members.map(\.1.isLearner) == changer.members.map(\.1.isLearner))
                #expect(overlap(before, changer.membership))
            }
        }
    }

    /// Whether every quorum of one meets every quorum of the other.
    private func overlap(_ one: Membership, _ other: Membership) -> Bool {
        let everybody = (1...5).map { NodeID(UInt64($0)) }
        for subset in 0..<32 {
            let inside = { (id: NodeID) -> Bool? in subset >> (id.rawValue - 1) & 1 == 1 }
            let outside = { (id: NodeID) -> Bool? in subset >> (id.rawValue - 1) & 1 == 0 }
            if one.voters.result(inside) == .won && other.voters.result(outside) == .won { return false }
        }
        return !everybody.isEmpty
    }
}
