import Fleet
import Hypervisor
import Manifest
import Primitives
import Reconcile
import Testing

@testable import Replica

@Suite("What a node tells the cluster")
struct ReporterTests {
    private let now = PartValues.now
    private let facts = NodeFacts(
        version: "1", capacity: NodeResources(cpus: 4, memoryBytes: 4 << 30),
        allocatable: NodeResources(cpus: 4, memoryBytes: 4 << 30), accelerator: nil, hypervisorProblem: nil,
        addresses: ["h1:2"])

    /// A reporter whose node is level with what the cluster knows, but for what a test adds.
    private struct Bench {
        var reporter = Reporter(identity: PartValues.identity)
        var fleet = PartValues.fleet()
        var loop = MachineLoop(revision: 0)
        var generator = SeededGenerator(seed: 5)
        var member: Member { fleet.members[0] }

        mutating func report(after milliseconds: Int64 = 0, isShort: Bool = false) -> WriteSubmission? {
            let moment = Moment(now: PartValues.now + milliseconds, wall: PartValues.moment.wall)
            return reporter.report(
                of: loop, in: fleet, as: member, isShortOfDisk: isShort, at: moment, generator: &generator)
        }

        /// The report is applied.
        mutating func apply(_ submission: WriteSubmission?) -> CommandOutcome? {
            guard let submission else { return nil }
            let outcome = fleet.apply(
                CommandEnvelope(
                    stamp: PartValues.moment.wall, author: submission.author, command: submission.command),
                index: fleet.appliedIndex + 1)
            reporter.decided(submission.request, outcome)
            return outcome
        }
    }

    private func event(_ number: Int) -> MachineEvent {
        let object = PartValues.fleet(["web"], bound: ["web"])[ReplicaTests.key("web")]!
        return MachineEvent(.normal, "R\(number)", "message", DesiredMachine(object)!)
    }

    private func report(_ submission: WriteSubmission?) -> NodeReport? {
        if case .report(let report)? = submission?.command { report } else { nil }
    }

    @Test("nothing is told of a host that is not known, and what the cluster knows is not told again")
    func level() {
        var bench = Bench()
        #expect(bench.report() == nil)
        bench.reporter.found(facts)
        let first = bench.report()
        #expect(report(first)?.nodeStatus != nil)
        #expect(report(first)?.sequence == 1)
        _ = bench.apply(first)
        bench.reporter.found(facts)
        #expect(bench.report() == nil)
    }

    @Test("one report is under way at a time, and the next has the next number")
    func oneAtATime() {
        var bench = Bench()
        bench.reporter.found(facts)
        let first = bench.report()
        bench.reporter.take(StatusChanges(events: [event(1)]), name: "node-1")
        #expect(bench.report() == nil)
        _ = bench.apply(first)
        let second = report(bench.report())
        #expect(second?.sequence == 2)
        #expect(second?.events.map(\.reason) == ["R1"])
        #expect(second?.events.first?.source == "node-1")
    }

    @Test("what a report has said is told anew if it is given up for lost")
    func lost() {
        var bench = Bench()
        bench.reporter.found(facts)
        bench.reporter.take(StatusChanges(events: [event(1)]), name: nil)
        let first = bench.report()
        #expect(bench.reporter.giveUpLate(at: now + 10) == nil)
        #expect(bench.reporter.giveUpLate(at: now + ReplicaTiming.reportMilliseconds) == first?.request)
        let second = report(bench.report(after: ReplicaTiming.reportMilliseconds))
        #expect(second?.events == report(first)?.events)
        #expect(second?.nodeStatus == report(first)?.nodeStatus)
        #expect(second?.sequence == 2)
    }

    @Test("a report that the fleet has refused is told anew")
    func refused() {
        var bench = Bench()
        bench.reporter.found(facts)
        guard let first = bench.report() else {
            Issue.record("no report")
            return
        }
        bench.reporter.decided(RequestID(high: 9, low: 9), .refused([]))
        #expect(bench.reporter.inFlight != nil)
        bench.reporter.decided(first.request, .refused([]))
        #expect(bench.reporter.inFlight == nil)
        #expect(report(bench.report())?.nodeStatus != nil)
    }

    @Test("events beyond a bound are dropped")
    func bounded() {
        var bench = Bench()
        for _ in 0..<2 {
            bench.reporter.take(StatusChanges(events: (0..<800).map { event($0) }), name: "node-1")
        }
        #expect(bench.reporter.events.count == Reporter.eventLimit)
    }

    @Test("a disk without room is a condition of the node, and stays one when it has room again")
    func diskPressure() throws {
        var bench = Bench()
        bench.reporter.found(facts)
        func pressure() throws -> Condition.Status? {
            let key = ObjectKey(kind: "Node", namespace: "", name: "node-1")
            let status = try NodeStatus(canonical: try #require(bench.fleet[key]).status)
            return status.conditions["DiskPressure"]?.status
        }
        _ = bench.apply(bench.report())
        #expect(try pressure() == nil)
        for (isShort, expected) in [(true, Condition.Status.true), (false, .false)] {
            bench.reporter.take(StatusChanges(node: true), name: "node-1")
            _ = bench.apply(bench.report(isShort: isShort))
            #expect(try pressure() == expected)
        }
    }

    @Test("other addresses than the cluster knows are proposed, and not again at once")
    func addresses() {
        var bench = Bench()
        #expect(bench.reporter.addressUpdate(of: bench.member, at: now, generator: &bench.generator) == nil)
        bench.reporter.found(facts)
        let update = bench.reporter.addressUpdate(of: bench.member, at: now, generator: &bench.generator)
        #expect(update?.command == .updateMember(id: 1, addresses: ["h1:2"], level: bench.member.level))
        #expect(bench.reporter.addressUpdate(of: bench.member, at: now + 1, generator: &bench.generator) == nil)
        let later = now + ReplicaTiming.reportMilliseconds
        #expect(bench.reporter.addressUpdate(of: bench.member, at: later, generator: &bench.generator) != nil)
    }
}
