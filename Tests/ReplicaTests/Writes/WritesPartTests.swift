import Fleet
import Primitives
import Raft
import Testing
import Wire

@testable import Replica

@Suite("Writes of one node")
struct WritesPartTests {
    private let now = PartValues.now
    private let leader = NodeID(2)
    private let request = RequestID(high: 77, low: 5)
    private let fleet = PartValues.fleet()
    private var submission: WriteSubmission {
        WriteSubmission(
            request: request, author: PartValues.admin, command: ReplicaTests.write([ReplicaTests.put("a")], 5))
    }
    private var record: LogRecord {
        LogRecord(
            request: request,
            envelope: CommandEnvelope(
                stamp: PartValues.moment.wall, author: PartValues.admin, command: submission.command))
    }

    /// A node that waits for one write.
    private func waiting() -> Writes {
        var writes = Writes(identity: PartValues.identity)
        var effects = Effects()
        #expect(submit(to: &writes, effects: &effects))
        return writes
    }

    private func submit(
        to writes: inout Writes, author: PublicKey = PartValues.admin, waiter: UInt64 = 9, isCaughtUp: Bool = true,
        noLeader: WriteFailure? = nil, effects: inout Effects
    ) -> Bool {
        var submission = submission
        submission.author = author
        return writes.submit(
            submission, for: Waiter(waiter), in: fleet, isCaughtUp: isCaughtUp, noLeader: noLeader, at: now,
            effects: &effects)
    }

    @Test("a stranger is forbidden to write, once the node knows the state that names the users")
    func stranger() {
        var writes = Writes(identity: PartValues.identity)
        var effects = Effects()
        let stranger = SmallCluster.key(66)
        #expect(!submit(to: &writes, author: stranger, isCaughtUp: false, effects: &effects))
        #expect(!submit(to: &writes, author: stranger, effects: &effects))
        #expect(
            effects.answers == [
                .failure(.unavailable(.stateNotKnown)), .failure(.forbidden(.mayOnlyRead(stranger, role: nil))),
            ])
    }

    @Test("a write without a leader is not kept")
    func noLeader() {
        var writes = Writes(identity: PartValues.identity)
        var effects = Effects()
        let failure = WriteFailure.noQuorum(connected: 1, voters: 3)
        #expect(!submit(to: &writes, noLeader: failure, effects: &effects))
        #expect(effects.answers == [.failure(failure)])
        #expect(writes.open.isEmpty)
    }

    @Test("a write is handed once to the same leader of the same term, and both clients that ask for it are answered")
    func handedOnce() {
        var writes = waiting()
        var effects = Effects()
        #expect(!submit(to: &writes, waiter: 10, effects: &effects))
        #expect(writes.handOver(request, to: leader, in: Term(2), effects: &effects) == nil)
        #expect(writes.handOver(request, to: leader, in: Term(2), effects: &effects) == nil)
        #expect(effects.sent.map(\.to) == [leader])
        #expect(!writes.decided(record, .done(revision: 4), effects: &effects))
        #expect(effects.answers == [.success(.done(revision: 4)), .success(.done(revision: 4))])
        #expect(writes.open.isEmpty)
    }

    @Test("a node that leads takes the write itself")
    func ownLeader() {
        var writes = waiting()
        var effects = Effects()
        #expect(writes.handOver(request, to: NodeID(1), in: Term(2), effects: &effects) == submission)
        #expect(effects.sent.isEmpty)
    }

    @Test("only the leader that has a write may say why it was not taken")
    func failures() {
        var writes = waiting()
        var effects = Effects()
        _ = writes.handOver(request, to: leader, in: Term(2), effects: &effects)
        let failed = ForwardedFailure(request: request, failure: .unavailable(.leaderBusy))
        writes.failed(failed, at: NodeID(3), effects: &effects)
        #expect(effects.answers.isEmpty)
        writes.failed(ForwardedFailure(request: request, failure: .notLeader), at: leader, effects: &effects)
        #expect(effects.answers.isEmpty)
        #expect(writes.open == [request])
        _ = writes.handOver(request, to: leader, in: Term(3), effects: &effects)
        writes.failed(failed, at: leader, effects: &effects)
        #expect(effects.answers == [.failure(.unavailable(.leaderBusy))])
    }

    @Test("what an earlier leader may have recorded is not answered by a later one's failure, but by its deadline")
    func unknownOutcome() {
        var writes = waiting()
        var effects = Effects()
        _ = writes.handOver(request, to: leader, in: Term(2), effects: &effects)
        _ = writes.handOver(request, to: NodeID(3), in: Term(3), effects: &effects)
        let failed = ForwardedFailure(request: request, failure: .unavailable(.leaderBusy))
        writes.failed(failed, at: NodeID(3), effects: &effects)
        #expect(effects.answers.isEmpty)
        writes.expire(at: now + ReplicaTiming.writeMilliseconds, effects: &effects)
        #expect(effects.answers == [.failure(.outcomeUnknown(request))])
    }

    @Test("a write whose machine has changed since it was judged is handed over once more")
    func stale() {
        var writes = waiting()
        var effects = Effects()
        _ = writes.handOver(request, to: leader, in: Term(2), effects: &effects)
        let stale = Refusal(reason: .stale, key: nil, field: nil, message: "")
        #expect(writes.decided(record, .refused([stale]), effects: &effects))
        #expect(effects.answers.isEmpty)
        _ = writes.handOver(request, to: leader, in: Term(2), effects: &effects)
        #expect(effects.sent.count == 2)
    }

    @Test("what a leader takes together is proposed together")
    func batch() throws {
        var writes = Writes(identity: PartValues.identity)
        var log = PartValues.leader()
        var duties: LeaderDuties? = LeaderDuties(term: log.term)
        var effects = Effects()
        for _ in 0..<3 {
            try writes.take(
                submission, from: .member(leader), into: &log, duties: &duties, at: PartValues.moment,
                effects: &effects)
        }
        #expect(writes.isBatchDue(log))
        let end = log.raft.logEnd.index
        writes.proposeBatch(into: &log, effects: &effects)
        #expect(log.raft.logEnd.index - end == 3)
        #expect(writes.batch.isEmpty)
    }

    @Test("one membership change is under way at a time")
    func membership() throws {
        var writes = Writes(identity: PartValues.identity)
        var log = PartValues.leader()
        var duties: LeaderDuties? = LeaderDuties(term: log.term)
        var effects = Effects()
        let promotion = WriteSubmission(request: request, author: SmallCluster.key(1), command: .promote(id: 2))
        try writes.propose(promotion, into: &log, duties: &duties, at: PartValues.moment, effects: &effects)
        #expect(duties?.mayChangeMembership == false)
        #expect(throws: WriteFailure.unavailable(.membershipChanging)) {
            try writes.propose(promotion, into: &log, duties: &duties, at: PartValues.moment, effects: &effects)
        }
    }

    @Test("members that hand on a write learn that this node does not lead")
    func turnedAway() {
        var writes = Writes(identity: PartValues.identity)
        var effects = Effects()
        writes.turnAway(request, from: .member(leader), .notLeader, effects: &effects)
        #expect(effects.sent.map(\.to) == [leader])
        #expect(
            effects.sent.map(\.message) == [.writeFailed(ForwardedFailure(request: request, failure: .notLeader))])
    }
}

@Suite("Admission of writes")
struct AdmissionTests {
    private let fleet = PartValues.fleet()

    private func admit(
        _ command: Command, author: PublicKey = PartValues.admin, from origin: ProposalBatch.Origin = .here
    ) throws(WriteFailure) -> WriteSubmission {
        try Admission.admit(
            WriteSubmission(request: RequestID(high: 1, low: 2), author: author, command: command), from: origin,
            in: fleet, members: Admission.Members(voters: { [NodeID(1)] }, answers: { _ in true }),
            by: SmallCluster.key(1), stamp: PartValues.moment.wall)
    }

    @Test("only the leader's own key does what leaders do, and no member hands that on")
    func leadersOwn() throws {
        _ = try admit(.promote(id: 1), author: SmallCluster.key(1))
        #expect(throws: WriteFailure.forbidden(.leaderOnly)) { try admit(.promote(id: 1)) }
        #expect(throws: WriteFailure.forbidden(.leaderOnly)) {
            try admit(.promote(id: 1), author: SmallCluster.key(1), from: .member(NodeID(2)))
        }
    }

    @Test("no node hands on what another node says of itself")
    func speaksForAnother() {
        let update = Command.updateMember(id: 1, addresses: ["h1:2"], level: 1)
        #expect(throws: WriteFailure.forbidden(.speaksForAnother(node: 2, name: "node-1"))) {
            try admit(update, author: SmallCluster.key(1), from: .member(NodeID(2)))
        }
    }

    @Test("what the state does not allow is refused with its reasons")
    func refused() {
        #expect(throws: WriteFailure.self) { try admit(.remove(id: 9, isForced: false)) }
    }
}
