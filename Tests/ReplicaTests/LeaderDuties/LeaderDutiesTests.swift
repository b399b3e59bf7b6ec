import Fleet
import Primitives
import Raft
import Reconcile
import Testing

@testable import Replica

@Suite("Duties of a leader")
struct LeaderDutiesTests {
    private let now = PartValues.now
    private let key = SmallCluster.key(1)

    @Test("a membership change bars another until it is applied, or for a bounded time")
    func membership() {
        var duties = LeaderDuties(term: Term(2))
        #expect(duties.mayChangeMembership)
        duties.membershipProposed(at: now)
        #expect(!duties.mayChangeMembership)
        #expect(duties.membershipTick(at: now + 10) == false)
        #expect(!duties.mayChangeMembership)
        #expect(duties.membershipTick(at: now + ReplicaTiming.writeMilliseconds) == false)
        #expect(duties.mayChangeMembership)
        #expect(duties.membershipTick(at: now) == true)
        duties.membershipProposed(at: now)
        duties.membershipDecided()
        #expect(duties.mayChangeMembership)
    }

    @Test("a leader tells the other members each second which members are silent")
    func liveness() {
        var duties = LeaderDuties(term: Term(2))
        #expect(duties.takeLivenessDue(at: now) == true)
        #expect(duties.takeLivenessDue(at: now + (ReplicaTiming.livenessMilliseconds - 1)) == false)
        #expect(duties.takeLivenessDue(at: now + ReplicaTiming.livenessMilliseconds) == true)
    }

    @Test("a cluster without learners has none to promote")
    func promotion() {
        var generator = SeededGenerator(seed: 1)
        let duties = LeaderDuties(term: Term(2))
        #expect(
            duties.promotion(
                in: PartValues.fleet(), consensus: PartValues.leader(), by: key, generator: &generator) == nil)
    }

    // MARK: Placement

    private func place(
        _ duty: inout PlacementDuty, _ fleet: Fleet, ready: [String] = [], after milliseconds: Int64 = 0
    ) -> WriteSubmission? {
        var generator = SeededGenerator(seed: 1)
        return duty.place(in: fleet, ready: ready, by: key, at: now + milliseconds, generator: &generator)
    }

    @Test("a machine without a place is told why, once from the same state and the same ready nodes")
    func notes() throws {
        var duty = PlacementDuty()
        let fleet = PartValues.fleet(["web"])
        let batch = try #require(place(&duty, fleet))
        guard case .place(let placed) = batch.command else {
            Issue.record("no placement")
            return
        }
        #expect(placed.notes.map(\.key) == [ReplicaTests.key("web")])
        duty.proposed(batch.request, at: now)
        #expect(place(&duty, fleet, ready: ["node-1"]) == nil)
        duty.decided(batch.request)
        #expect(place(&duty, fleet) == nil)
    }

    @Test("a placement that the log did not take is decided again from the same state")
    func notTaken() {
        var duty = PlacementDuty()
        let fleet = PartValues.fleet(["web"])
        #expect(place(&duty, fleet) != nil)
        #expect(place(&duty, fleet) == nil)
        duty.notTaken()
        #expect(place(&duty, fleet) != nil)
    }

    @Test("a batch that is not applied for long is decided anew")
    func late() throws {
        var duty = PlacementDuty()
        let fleet = PartValues.fleet(["web"])
        let batch = try #require(place(&duty, fleet))
        duty.proposed(batch.request, at: now)
        #expect(place(&duty, fleet, after: ReplicaTiming.writeMilliseconds - 1) == nil)
        #expect(place(&duty, fleet, after: ReplicaTiming.writeMilliseconds) != nil)
    }

    @Test("bound machines want no place")
    func bound() {
        var duty = PlacementDuty()
        #expect(place(&duty, PartValues.fleet(["web"], bound: ["web"])) == nil)
        #expect(duty.candidates.isEmpty)
    }

    // MARK: Events of nodes

    private func tell(
        _ duty: inout NodeEventDuty, _ fleet: Fleet, _ liveness: PeerLiveness, after milliseconds: Int64 = 0
    ) -> (submission: WriteSubmission, events: [EventDraft])? {
        var generator = SeededGenerator(seed: 1)
        let submission = duty.tell(
            in: fleet, liveness: liveness, term: Term(2), by: key, at: now + milliseconds, generator: &generator)
        guard let submission, case .place(let batch) = submission.command else { return nil }
        return (submission, batch.events)
    }

    @Test("a leader tells once that it leads")
    func office() throws {
        var duty = NodeEventDuty()
        let fleet = PartValues.fleet()
        let liveness = PeerLiveness(own: NodeID(1))
        let first = try #require(tell(&duty, fleet, liveness))
        #expect(first.events.map(\.reason) == ["BecameLeader"])
        // The log did not take it.
        #expect(tell(&duty, fleet, liveness) == nil)
        let second = try #require(tell(&duty, fleet, liveness, after: ReplicaTiming.livenessMilliseconds))
        duty.proposed(second.submission.request)
        #expect(tell(&duty, fleet, liveness, after: 2 * ReplicaTiming.livenessMilliseconds) == nil)
        duty.decided(second.submission.request)
        #expect(tell(&duty, fleet, liveness, after: 3 * ReplicaTiming.livenessMilliseconds) == nil)
    }

    @Test("a member that fell silent is told of until an event says so")
    func silent() throws {
        var duty = NodeEventDuty()
        let fleet = PartValues.fleet()
        var liveness = PeerLiveness(own: NodeID(9))
        liveness.elected([NodeID(1)], at: now)
        #expect(tell(&duty, fleet, liveness) == nil)
        let told = try #require(tell(&duty, fleet, liveness, after: NodeLife.silenceMilliseconds))
        #expect(told.events.map(\.reason) == ["NotReady"])
        #expect(told.events.map(\.type) == [.warning])
    }
}
