import Contract
import Fleet
import JSONText
import Manifest
import Primitives
import Testing

@testable import API

@Suite("Tables")
struct TableTests {
    private let backend = FakeBackend(admin: Samples.admin)
    private let web = Samples.machine("web")

    private func table(_ kind: KindInfo, _ items: ListedItems, _ view: ClusterView, objects: TableObjects = .metadata)
        throws -> JSON
    {
        var output = JSONOutput(capacity: 0)
        TableWriter(renderer: ObjectRenderer(view: view, specs: FullSpecCache(), isForOne: false), objects: objects)
            .append(
                items, of: kind, resourceVersion: 12, annotations: view.stalenessAnnotations, to: &output)
        return try JSON(parsing: output.bytes)
    }

    @Test("Every kind's rows have as many cells as it has columns, the name first and no space in a title")
    func shapes() throws {
        let view = Samples.view(backend.fleet)
        let renderer = ObjectRenderer(view: view, specs: FullSpecCache(), isForOne: false)
        #expect(renderer.machineCells(Samples.object(web)).count == TableColumn.machines.count)
        let node = try #require(backend.fleet[KindInfo.node.key(namespace: "", name: "node-1")])
        #expect(renderer.nodeCells(node).count == TableColumn.nodes.count)
        #expect(
            renderer.imageCells(Samples.object(KindInfo.image.key(namespace: "", name: "i"))).count
                == TableColumn.images.count)
        for kind in KindInfo.all where kind != .event {
            #expect(kind.columns.first?.name == "Name")
            #expect(kind.columns.allSatisfy { !$0.name.contains(" ") })
        }
    }

    @Test("A table of Git repositories shows what is in force, and what is followed")
    func sources() throws {
        let key = KindInfo.gitRepository.key(namespace: "", name: "infra")
        backend.put([Samples.put(key, spec: #"{"branch":"main","url":"/srv/infra"}"#)])
        func cells() throws -> [String]? {
            let table = try table(
                .gitRepository, .objects([try #require(backend.fleet[key])]),
                Samples.view(backend.fleet, secondsLater: 303))
            return table["rows"]?[0]?["cells"]?.array?.compactMap(\.string)
        }
        #expect(
            try cells() == ["infra", "0", "<none>", "Unknown", "5m3s", "/srv/infra", "main", ".", "<none>"])
        var status = GitRepositoryStatus()
        status.lastAppliedCommit = String(repeating: "5c", count: 20)
        status.appliedRevision = 3
        status.conditions = [
            Condition(
                type: "Ready", status: .false, reason: "BadCommit", message: "why", observedGeneration: 1,
                lastTransitionTime: WallTime(milliseconds: 0))
        ]
        backend.apply(
            .sourceReport(
                SourceReport(
                    key: key, uid: try #require(backend.fleet[key]?.uid), status: status.json.canonicalBytes,
                    events: [])), author: nil)
        #expect(
            try cells() == ["infra", "3", "5c5c5c5c5c5c", "False", "5m3s", "/srv/infra", "main", ".", "why"])
    }

    @Test("A table of machines reads as the conventions say")
    func machines() throws {
        backend.put([Samples.put(web, spec: #"{"memory":"1Gi","vcpus":2}"#)])
        backend.bind(web)
        backend.report(web)
        let object = try #require(backend.fleet[web])
        let table = try table(.virtualMachine, .objects([object]), Samples.view(backend.fleet, secondsLater: 303))
        #expect(table["kind"] == "Table")
        #expect(table["metadata"]?["resourceVersion"] == "12")
        #expect(
            table["columnDefinitions"]?.array?.compactMap { $0["name"]?.string } == [
                "Name", "Status", "Ready", "Node", "IP", "Age", "CPUs", "Memory", "Hypervisor", "Revision", "Last-Seen",
            ])
        #expect(
            table["columnDefinitions"]?.array?.compactMap { $0["priority"]?.integer } == [
                0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1,
            ])
        #expect(
            table["rows"]?[0]?["cells"]?.array?.compactMap(\.string) == [
                "web", "Running", "True", "node-1", "10.0.2.15", "5m3s", "2", "1Gi", "simulated", "1", "0s",
            ])
        #expect(table["rows"]?[0]?["object"]?["kind"] == "PartialObjectMetadata")
        #expect(table["rows"]?[0]?["object"]?["metadata"]?["namespace"] == "default")
    }

    @Test("A machine that does not answer its node tells since when, though the node is there")
    func unresponsive() throws {
        backend.put([Samples.put(web)])
        backend.bind(web)
        backend.report(
            web, phase: .unknown,
            conditions: [
                Condition(
                    type: "Ready", status: .unknown, reason: "Unresponsive", message: "", observedGeneration: 1,
                    lastTransitionTime: backend.with { $0.now })
            ])
        let object = try #require(backend.fleet[web])
        let cells = ObjectRenderer(
            view: Samples.view(backend.fleet, secondsLater: 303), specs: FullSpecCache(), isForOne: false
        )
        .machineCells(object)
        #expect(cells[1] == "Unknown" && cells.last == "5m3s")
    }

    @Test("A machine without a node says so in every cell")
    func waiting() {
        let cells = ObjectRenderer(view: Samples.view(backend.fleet), specs: FullSpecCache(), isForOne: false)
            .machineCells(Samples.object(web))
        #expect(
            cells == [
                "web", "Provisioning", "False", "<none>", "<none>", "90s", "1", "128Mi", "<none>", "1", "<none>",
            ])
    }

    @Test("A table of nodes tells readiness, role and what is closed to new machines")
    func nodes() throws {
        let key = KindInfo.node.key(namespace: "", name: "node-1")
        backend.put([Samples.put(key, spec: #"{"unschedulable":true}"#)])
        let status =
            #"{"accelerator":"simulated","allocatable":{"cpus":8,"memory":"16Gi"},"#
            + #""capacity":{"cpus":8,"memory":"16Gi"},"#
            + #""raftID":1,"role":"voter","version":"0.1.0"}"#
        backend.apply(
            .report(
                NodeReport(
                    member: 1, sequence: 1, nodeStatus: Array(status.utf8), machines: [], images: [], events: [])),
            author: backend.local.key)
        let object = try #require(backend.fleet[key])
        let cells = ObjectRenderer(view: Samples.view(backend.fleet), specs: FullSpecCache(), isForOne: false)
            .nodeCells(object)
        #expect(
            cells == [
                "node-1", "Ready,SchedulingDisabled", "leader,voter", "90s", "0.1.0", "127.0.0.1:7001", "8", "16Gi",
                "simulated", "<unknown>", "<unknown>", "0s",
            ])
    }

    @Test("A silent node is unknown, and says how long")
    func silentNode() throws {
        let liveness = NodeContact(
            lastHeardMilliseconds: 125_000, roundTripMicroseconds: 1250, connected: false, lag: 7, role: "Follower")
        let view = Samples.view(backend.fleet, liveness: ["node-1": liveness], localID: 2)
        let object = try #require(backend.fleet[KindInfo.node.key(namespace: "", name: "node-1")])
        let cells = ObjectRenderer(view: view, specs: FullSpecCache(), isForOne: false).nodeCells(object)
        #expect(cells[1] == "Unknown")
        #expect(cells.suffix(3) == ["7", "1.2ms", "2m5s"])
    }

    @Test("Repeated events are one row with a count")
    func events() throws {
        backend.put([Samples.put(web)])
        backend.bind(web)
        let draft = EventDraft(
            regarding: web, uid: nil, type: .warning, reason: "BootFailed", message: "no disk", source: "node-1")
        backend.report(web, events: [draft])
        backend.with { $0.now = WallTime(milliseconds: $0.now.milliseconds + 60_000) }
        backend.report(web, phase: .stopped, events: [draft])
        let event = try #require(backend.fleet.events(for: web).first { $0.reason == "BootFailed" })
        #expect(
            EventRenderer.cells(event, now: Samples.view().now) == [
                "30s (x2 over 90s)", "Warning", "BootFailed", "virtualmachine/web", "no disk", "node-1",
                EventRenderer.name(of: event),
            ])
    }

    @Test("A stale table says so and who leads")
    func stale() throws {
        let table = try table(.node, .objects([]), Samples.view(backend.fleet, isStale: true))
        #expect(table["metadata"]?["annotations"]?["blixard.dev/consistency"] == "stale")
        #expect(table["metadata"]?["annotations"]?["blixard.dev/leader"] == "node-1")
    }
}
