import Fleet
import Manifest
import Primitives
import Testing

@Suite("Reports of nodes")
struct ReportTests {
    @Test("statuses of node, machine and image are taken, and the same again changes nothing")
    func statuses() {
        var scenario = Scenario()
        let machine = scenario.createBound("a", on: "n1")
        scenario.write(.put(.other(.image("i"))))
        let image = scenario.fleet[.image("i")]
        let reports = (
            machines: [MachineReport(machine, status: #"{"phase":"Running"}"#)],
            images: [ImageReport(key: .image("i"), uid: image?.uid ?? machine.uid, status: Array(#"{"bytes":1}"#.utf8))]
        )
        let outcome = scenario.report(
            1, nodeStatus: #"{"cpus":4}"#, machines: reports.machines, images: reports.images)
        #expect(outcome.accepted == 2)
        #expect(scenario.fleet[.node("n1")]?.status == Array(#"{"cpus":4}"#.utf8))
        #expect(scenario["a"].status == Array(#"{"phase":"Running"}"#.utf8))
        #expect(scenario.fleet[.image("i")]?.nodeStatuses == ["n1": Array(#"{"bytes":1}"#.utf8)])
        let revision = scenario.fleet.revision
        scenario.report(1, nodeStatus: #"{"cpus":4}"#, machines: reports.machines, images: reports.images)
        #expect(scenario.fleet.revision == revision)
    }

    @Test("an image that a node no longer holds loses that node's status")
    func imageGone() {
        var scenario = Scenario()
        scenario.write(.put(.other(.image("i"))))
        guard let uid = scenario.fleet[.image("i")]?.uid else { return }
        scenario.report(1, images: [ImageReport(key: .image("i"), uid: uid, status: Array("{}".utf8))])
        scenario.report(1, images: [ImageReport(key: .image("i"), uid: uid, status: nil)])
        #expect(scenario.fleet[.image("i")]?.nodeStatuses.isEmpty == true)
        let other = UID(high: 3, low: 3)
        let ignored = scenario.report(1, images: [ImageReport(key: .image("i"), uid: other, status: [1])])
        #expect(ignored.ignored == 1)
    }

    @Test("a report with another uid, node or epoch is ignored and counted")
    func ignored() {
        var scenario = Scenario()
        scenario.addMember("n2", key: 2)
        let machine = scenario.createBound("a", on: "n1")
        scenario.write(.delete(.of(.machine("a"))))
        var otherUID = MachineReport(machine, status: "{}", removed: true)
        otherUID.uid = UID(high: 1, low: 1)
        var otherEpoch = MachineReport(machine, status: "{}", removed: true)
        otherEpoch.epoch = 0
        #expect(scenario.report(1, machines: [otherUID, otherEpoch]).ignored == 2)
        #expect(scenario.report(2, machines: [.init(machine, status: "{}", removed: true)]).ignored == 1)
        #expect(scenario.fleet[.machine("a")] != nil)
        #expect(scenario.report(1, machines: [.init(machine, status: "{}", removed: true)]).accepted == 1)
        #expect(scenario.fleet[.machine("a")] == nil)
    }

    @Test("a machine that is gone without having been deleted stays desired")
    func removedUnasked() {
        var scenario = Scenario()
        let machine = scenario.createBound("a", on: "n1")
        scenario.report(1, machines: [.init(machine, status: #"{"phase":"Stopped"}"#, removed: true)])
        #expect(scenario["a"].status == Array(#"{"phase":"Stopped"}"#.utf8))
        #expect(scenario["a"].binding == machine.binding)
    }

    @Test("only the member's own key may report for it")
    func author() {
        var scenario = Scenario()
        scenario.addMember("n2", key: 2)
        let report = NodeReport(
            member: 1, sequence: 1, nodeStatus: [1], machines: [], images: [], events: [])
        #expect(scenario.run(.report(report), author: Scenario.key(2)).reasons == [.forbidden])
        #expect(scenario.run(.report(report), author: nil).reasons == [.forbidden])
        #expect(scenario.fleet[.node("n1")]?.status == [])
        let stranger = NodeReport(member: 9, sequence: 1, nodeStatus: [1], machines: [], images: [], events: [])
        #expect(scenario.run(.report(stranger), author: Scenario.key(9)).reasons == [.unknownMember])
    }

    @Test("a late copy of a report never turns the status back")
    func lateCopy() {
        var scenario = Scenario()
        let old = NodeReport(member: 1, sequence: 5, nodeStatus: [1], machines: [], images: [], events: [])
        var new = old
        new.sequence = 6
        new.nodeStatus = [2]
        scenario.run(.report(old), author: Scenario.key(1))
        scenario.run(.report(new), author: Scenario.key(1))
        let late = scenario.run(.report(old), author: Scenario.key(1))
        #expect(late.reasons == [.stale])
        #expect(late.refusals[0].message.contains("go on with 7"))
        #expect(scenario.fleet[.node("n1")]?.status == [2])
        #expect(scenario.fleet.reportSequence(of: 1) == 6)
    }

    @Test("a report whose number leaves none for the next is refused", arguments: [1 << 56, UInt64.max - 1, .max])
    func lastNumber(sequence: UInt64) {
        var scenario = Scenario()
        scenario.report(1)
        let last = scenario.fleet.reportSequence(of: 1)
        let outcome = scenario.run(
            .report(
                NodeReport(member: 1, sequence: sequence, nodeStatus: nil, machines: [], images: [], events: [])),
            author: Scenario.key(1))
        guard case .refused(let refusals) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(refusals.map(\.reason) == [.invalid])
        #expect(scenario.fleet.reportSequence(of: 1) == last)
    }
}
