import Fleet
import Manifest
import Primitives
import Testing

@Suite("Writes of desired state")
struct WriteTests {
    @Test("a new object is created with a uid of its place in the log")
    func create() {
        var scenario = Scenario()
        let before = scenario.fleet.revision
        let outcome = scenario.write(.put(.machine("a", labels: ["app": "web"])), .put(.machine("b")))
        #expect(outcome.operations == [.created, .created])
        #expect(scenario["a"].uid == UID(cluster: Scenario.clusterID, index: scenario.index, position: 0))
        #expect(scenario["b"].uid == UID(cluster: Scenario.clusterID, index: scenario.index, position: 1))
        #expect(scenario["a"].resourceVersion == before + 1)
        #expect(scenario["b"].resourceVersion == before + 2)
        #expect(scenario["a"].generation == 1)
        #expect(scenario["a"].labels == ["app": "web"])
        #expect(scenario["a"].createdAt == WallTime(milliseconds: scenario.clock))
        #expect(
            outcome
                == .written(
                    WriteAnswer(
                        results: ["a", "b"].map {
                            MutationResult(
                                key: .machine($0), operation: .created, uid: scenario[$0].uid,
                                resourceVersion: scenario[$0].resourceVersion, generation: 1)
                        }, revision: before + 2)))
    }

    @Test("the same manifest again changes nothing, not even the revision")
    func unchanged() {
        var scenario = Scenario()
        scenario.write(.put(.machine("a")))
        let before = scenario["a"]
        let revision = scenario.fleet.revision
        let outcome = scenario.write(.put(.machine("a")))
        #expect(outcome.operations == [.unchanged])
        #expect(outcome.results[0].resourceVersion == before.resourceVersion)
        #expect(scenario["a"] == before)
        #expect(scenario.fleet.revision == revision)
    }

    @Test("another spec raises the generation, other labels only the version")
    func generations() {
        var scenario = Scenario()
        scenario.write(.put(.machine("a")))
        #expect(scenario.write(.put(.machine("a", labels: ["x": "y"]))).operations == [.configured])
        #expect(scenario["a"].generation == 1)
        #expect(scenario["a"].resourceVersion == scenario.fleet.revision)
        #expect(scenario.write(.put(.machine("a", spec: #"{"memory":"2Gi"}"#))).operations == [.configured])
        #expect(scenario["a"].generation == 2)
        #expect(scenario["a"].labels.isEmpty)
    }

    @Test("a put keeps what the manifest does not speak of")
    func keepsObserved() {
        var scenario = Scenario()
        let bound = scenario.createBound("a", on: "n1")
        scenario.report(1, machines: [.init(bound, status: #"{"phase":"Running"}"#)])
        scenario.write(.put(.machine("a", spec: #"{"memory":"2Gi"}"#)))
        #expect(scenario["a"].binding == bound.binding)
        #expect(scenario["a"].status == Array(#"{"phase":"Running"}"#.utf8))
        #expect(scenario["a"].uid == bound.uid)
    }

    @Test("one refused object leaves everything as it was, and every refusal is listed")
    func allOrNothing() {
        var scenario = Scenario()
        scenario.write(.put(.machine("a")))
        let before = scenario.fleet
        let outcome = scenario.write(
            .put(.machine("new")), .put(.machine("a", spec: "{}", precondition: .absent)),
            .delete(.of(.machine("missing"))), .put(.machine("gone", precondition: .resourceVersion(3))))
        #expect(outcome.reasons == [.alreadyExists, .notFound, .notFound])
        #expect(outcome.refusals.map { $0.key?.name } == ["a", "missing", "gone"])
        #expect(scenario.fleet.revision == before.revision)
        #expect(scenario.fleet[.machine("new")] == nil)
        #expect(scenario["a"] == before[.machine("a")])
    }

    @Test("the same key twice in one write is refused")
    func twice() {
        var scenario = Scenario()
        #expect(scenario.write(.put(.machine("a")), .put(.machine("a"))).reasons == [.invalid])
        #expect(scenario.write(.put(.machine("a")), .delete(.of(.machine("a")))).reasons == [.invalid])
        #expect(scenario.fleet[.machine("a")] == nil)
    }

    @Test("preconditions hold a put to the version that it was made from")
    func preconditions() {
        var scenario = Scenario()
        #expect(scenario.write(.put(.machine("a", precondition: .absent))).operations == [.created])
        #expect(scenario.write(.put(.machine("a", precondition: .absent))).reasons == [.alreadyExists])
        let version = scenario["a"].resourceVersion
        let stale = scenario.write(.put(.machine("a", spec: "{}", precondition: .resourceVersion(version - 1))))
        #expect(stale.reasons == [.conflict])
        #expect(stale.refusals[0].message.contains("the object has been modified"))
        let current = scenario.write(.put(.machine("a", spec: "{}", precondition: .resourceVersion(version))))
        #expect(current.operations == [.configured])
    }

    @Test("a bound machine can't be demanded on another node")
    func requiredNode() {
        var scenario = Scenario()
        scenario.createBound("a", on: "n1")
        let refused = scenario.write(.put(.machine("a", node: "n2")))
        #expect(refused.reasons == [.invalid])
        #expect(refused.refusals[0].field == "spec.nodeName")
        #expect(refused.refusals[0].message.contains("\"n1\""))
        #expect(scenario.write(.put(.machine("a", node: "n1"))).operations == [.unchanged])
    }

    @Test("an unbound object of any kind is removed at once")
    func delete() {
        var scenario = Scenario()
        scenario.write(.put(.machine("a")), .put(.other(.image("i"))), .put(.other(.node("spare"))))
        let uid = scenario["a"].uid
        let outcome = scenario.write(
            .delete(.of(.machine("a"))), .delete(.of(.image("i"))), .delete(.of(.node("spare"))))
        #expect(outcome.operations == [.deleted, .deleted, .deleted])
        #expect(outcome.results[0].uid == uid)
        #expect(scenario.fleet[.machine("a")] == nil)
        #expect(scenario.fleet.unbound().isEmpty)
    }

    @Test("a deletion holds to uid and version, and to what is there")
    func deletePreconditions() {
        var scenario = Scenario()
        scenario.write(.put(.machine("a")))
        let object = scenario["a"]
        let other = UID(high: 1, low: 2)
        #expect(scenario.write(.delete(.of(.machine("a"), uid: other))).reasons == [.conflict])
        #expect(scenario.write(.delete(.of(.machine("a"), version: object.resourceVersion + 1))).reasons == [.conflict])
        #expect(scenario.write(.delete(.of(.machine("a"), grace: -1))).reasons == [.invalid])
        #expect(scenario.write(.delete(.of(.machine("b")))).reasons == [.notFound])
        #expect(scenario.write(.delete(.of(.machine("b"), ignoreMissing: true))).operations == [.unchanged])
        let deletion = Delete.of(.machine("a"), uid: object.uid, version: object.resourceVersion)
        #expect(scenario.write(.delete(deletion)).operations == [.deleted])
    }

    @Test("a bound machine goes in two steps, and its name is taken until then")
    func twoSteps() {
        var scenario = Scenario()
        let bound = scenario.createBound("a", on: "n1")
        #expect(scenario.write(.delete(.of(.machine("a"), grace: 30))).operations == [.terminating])
        #expect(
            scenario["a"].deletion
                == .init(requestedAt: WallTime(milliseconds: scenario.clock), graceSeconds: 30))
        let version = scenario["a"].resourceVersion
        #expect(scenario.write(.delete(.of(.machine("a")))).operations == [.terminating])
        #expect(scenario["a"].resourceVersion == version)
        let again = scenario.write(.put(.machine("a")))
        #expect(again.reasons == [.terminating])
        #expect(again.refusals[0].message.contains("object is being deleted"))
        #expect(again.refusals[0].message.contains("\"n1\""))
        scenario.report(1, machines: [.init(bound, status: "{}", removed: true)])
        #expect(scenario.fleet[.machine("a")] == nil)
        #expect(scenario.fleet.bound(to: "n1").isEmpty)
        scenario.write(.put(.machine("a")))
        #expect(scenario["a"].uid != bound.uid)
        #expect(scenario["a"].generation == 1)
    }

    @Test("a second deletion may only shorten the time that the first one left")
    func shorterGrace() {
        var scenario = Scenario()
        scenario.createBound("a", on: "n1")
        scenario.write(.delete(.of(.machine("a"), grace: 30)))
        let requestedAt = scenario["a"].deletion?.requestedAt
        scenario.write(.delete(.of(.machine("a"), grace: 60)))
        #expect(scenario["a"].deletion?.graceSeconds == 30)
        scenario.write(.delete(.of(.machine("a"), grace: 0)))
        #expect(scenario["a"].deletion?.graceSeconds == 0)
        #expect(scenario["a"].deletion?.requestedAt == requestedAt)
    }

    @Test("the Node object of a member is cleared, never removed")
    func clearNode() {
        var scenario = Scenario()
        scenario.write(.put(.other(.node("n1"), spec: #"{"unschedulable":true}"#, labels: ["zone": "a"])))
        let generation = scenario.fleet[.node("n1")]?.generation
        #expect(scenario.write(.delete(.of(.node("n1")))).operations == [.cleared])
        let node = scenario.fleet[.node("n1")]
        #expect(node?.spec == Array("{}".utf8))
        #expect(node?.labels.isEmpty == true)
        #expect(node?.generation == generation.map { $0 + 1 })
        let revision = scenario.fleet.revision
        #expect(scenario.write(.delete(.of(.node("n1")))).operations == [.cleared])
        #expect(scenario.fleet.revision == revision)
    }

    @Test("a long list of refusals is cut, and says by how much")
    func manyRefusals() {
        var scenario = Scenario()
        let mutations = (0..<1500).map { Mutation.delete(.of(.machine("m\($0)"))) }
        let outcome = scenario.run(.write(scenario.nextWrite(mutations)))
        #expect(outcome.refusals.count == Limits.refusalsPerAnswer)
        #expect(outcome.refusals.last?.message == "501 more objects are refused")
    }

    @Test("before the cluster is created there is nothing to write to")
    func beforeBootstrap() {
        var fleet = Fleet()
        let write = WriteCommand(request: RequestID(high: 0, low: 1), baseRevision: 0, mutations: [])
        let envelope = CommandEnvelope(stamp: WallTime(milliseconds: 5), author: nil, command: .write(write))
        #expect(fleet.apply(envelope, index: 1).reasons == [.bootstrap])
        #expect(fleet.answer(to: write.request) == nil)
        #expect(fleet.clusterID.isEmpty)
    }
}

extension MachineReport {
    init(_ machine: FleetObject, status: String, removed: Bool = false) {
        self.init(
            key: machine.key, uid: machine.uid, epoch: machine.binding?.epoch ?? 0, status: Array(status.utf8),
            removed: removed)
    }
}
