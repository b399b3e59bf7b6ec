import Fleet
import Primitives
import Raft
import Replica
import Testing
import Wire

@Suite("The commit index of a change of the membership")
struct MembershipCommitTests {
    /// A follower whose log ends with a removal that is not committed, and what the leader needs to say more.
    private struct Setting {
        var cluster = SmallCluster(size: 4)
        var leader: NodeID
        var follower: NodeID
        var change: Entry

        init() throws {
            leader = try #require(cluster.leader)
            let others = cluster.nodes.keys.sorted().filter { [leader] in $0 != leader }
            follower = others[0]
            let end = cluster.nodes[follower]!.replica.logEnd
            let envelope = CommandEnvelope(
                stamp: cluster.wall, author: SmallCluster.admin,
                command: .remove(id: others[2].rawValue, isForced: true))
            let record = LogRecord(request: RequestID(high: 5, low: 5), envelope: envelope)
            change = Entry(
                term: end.term, index: end.index.next, kind: .membership,
                data: ConfChangeV2(changes: [.remove(others[2])], context: record.bytes).encoded())
        }

        /// The work that the follower gives to its journal when the leader says this.
        mutating func say(_ kind: Message.Kind, _ entries: [Entry] = [], commit: LogIndex) -> [AppendWork] {
            let end = cluster.nodes[follower]!.replica.logEnd
            var message = Message(kind, from: leader, to: follower, term: end.term, entries: entries, commit: commit)
            if kind == .append {
                message.logTerm = end.term
                message.index = end.index
            }
            return step(.message(from: leader, .raft(message)))
        }

        mutating func step(_ input: ReplicaInput) -> [AppendWork] {
            cluster.nodes[follower]!.replica.step(input, now: cluster.now, wall: cluster.wall).compactMap { effect in
                if case .append(let work) = effect { work } else { nil }
            }
        }
    }

    @Test("the commit index of a membership change is made durable at once, also by a node with other work under way")
    func busy() throws {
        var setting = try Setting()
        let change = setting.change
        let before = change.index.rawValue - 1
        for work in setting.say(.append, [change], commit: LogIndex(before)) {
            _ = setting.step(.appended(work.message))
        }
        // This entry the journal has not answered for when the change is committed.
        let next = Entry(term: change.term, index: change.index.next, data: [])
        #expect(setting.say(.append, [next], commit: LogIndex(before)).count == 1)
        let works = setting.say(.heartbeat, commit: change.index)
        #expect(!setting.cluster.nodes[setting.follower]!.replica.voterIDs.contains(NodeID(4)))
        let written = works.filter(\.writesCommit)
        #expect(written.map(\.message.commit) == [change.index], "\(works)")
        #expect(works.last?.writesCommit == true)
    }

    @Test("T24: a membership change is made once, whatever comes again")
    func once() throws {
        var setting = try Setting()
        let change = setting.change
        for work in setting.say(.append, [change], commit: change.index) { _ = setting.step(.appended(work.message)) }
        let voters = setting.cluster.nodes[setting.follower]!.replica.voterIDs
        #expect(voters.count == 3)
        _ = setting.say(.heartbeat, commit: change.index)
        #expect(setting.cluster.nodes[setting.follower]!.replica.voterIDs == voters)
        #expect(setting.cluster.stopped.isEmpty)
    }
}
