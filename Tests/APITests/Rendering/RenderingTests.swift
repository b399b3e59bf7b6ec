import Fleet
import JSONText
import Manifest
import Primitives
import Testing

@testable import API

@Suite("Rendering")
struct RenderingTests {
    private let backend = FakeBackend(admin: Samples.admin)
    private let web = Samples.machine("web")

    private func text(_ object: FleetObject?, _ view: ClusterView) throws -> String {
        var output = JSONOutput(capacity: 0)
        ObjectRenderer(view: view, specs: FullSpecCache(), isForOne: false).append(try #require(object), to: &output)
        return String(decoding: output.bytes, as: UTF8.self)
    }

    private func json(_ object: FleetObject?, _ view: ClusterView) throws -> JSON {
        try JSON(parsing: text(object, view))
    }

    @Test("A machine is written with its members in the order in which people read them")
    func golden() throws {
        backend.put([Samples.put(web, labels: ["b": "2", "a": "1"], spec: #"{"vcpus":2}"#)])
        let object = try #require(backend.fleet[web])
        let rendered = try text(object, Samples.view(backend.fleet))
        #expect(
            rendered == #"{"apiVersion":"blixard.dev/v1","kind":"VirtualMachine","metadata":{"name":"web","#
                + #""namespace":"default","uid":"\#(object.uid)","resourceVersion":"\#(object.resourceVersion)","#
                + #""generation":1,"creationTimestamp":"2023-11-14T22:13:20Z","labels":{"a":"1","b":"2"}},"#
                + #""spec":{"runStrategy":"Always","stopped":false,"vcpus":2,"memory":"128Mi","boot":{"guest":"builtin"},"disks":[],"#
                + #""networks":[],"nodeSelector":{},"terminationGracePeriodSeconds":30},"#
                + #""status":{"phase":"Provisioning","ready":false,"epoch":0,"#
                + #""message":"waiting for a node","conditions":[{"type":"Ready","status":"False","#
                + #""reason":"NotPlaced","message":"waiting for a node","observedGeneration":1,"#
                + #""lastTransitionTime":"2023-11-14T22:13:20Z"}]}}"#)
    }

    @Test("What a present node reported is shown as it was reported")
    func present() throws {
        backend.put([Samples.put(web)])
        backend.bind(web)
        backend.report(web)
        let object = try #require(backend.fleet[web])
        let status = try json(object, Samples.view(backend.fleet))["status"]
        #expect(status?["phase"] == "Running")
        #expect(status?["ready"] == true)
        #expect(status?["nodeName"] == "node-1")
        #expect(status?["epoch"] == 1)
        #expect(status?["lastSeen"] == nil)
    }

    @Test("What a silent node last said is shown as unknown, with its age")
    func silent() throws {
        backend.put([Samples.put(web)])
        backend.bind(web)
        backend.report(web)
        let liveness = NodeContact(
            lastHeardMilliseconds: 42_000, roundTripMicroseconds: nil, connected: false, lag: nil, role: "Follower")
        let view = Samples.view(backend.fleet, liveness: ["node-1": liveness], localID: 2)
        let status = try json(backend.fleet[web], view)["status"]
        #expect(status?["phase"] == "Unknown")
        #expect(status?["ready"] == false)
        #expect(status?["lastPhase"] == "Running")
        #expect(status?["lastSeen"] == "2023-11-14T22:14:08Z")
        #expect(status?["message"] == "node-1 was last heard from 42s ago; it last said Running")
        let ready = status?["conditions"]?.array?.first { $0["type"] == "Ready" }
        #expect(ready?["status"] == "Unknown")
        #expect(ready?["reason"] == "NodeSilent")
    }

    @Test("A machine that is being deleted names who still holds it")
    func terminating() throws {
        backend.put([Samples.put(web)])
        backend.bind(web)
        backend.report(web)
        backend.delete(web)
        let rendered = try json(backend.fleet[web], Samples.view(backend.fleet))
        #expect(rendered["metadata"]?["deletionTimestamp"] == "2023-11-14T22:13:20Z")
        #expect(rendered["status"]?["phase"] == "Terminating")
        #expect(rendered["status"]?["message"]?.string?.contains("waiting for node-1") == true)
    }

    @Test("A phase that an older program stored is shown under its one name")
    func storedPhase() throws {
        let object = Samples.object(
            web, status: #"{"epoch":1,"nodeName":"node-1","printableStatus":"Running","ready":true}"#,
            binding: FleetObject.Binding(node: "node-1", epoch: 1))
        let status = try json(object, Samples.view(backend.fleet))["status"]
        #expect(status?["phase"] == "Running")
        #expect(status?["printableStatus"] == nil)
    }

    @Test("A status from another binding describes no machine of this one")
    func rebound() throws {
        var object = Samples.object(
            web, status: #"{"epoch":1,"nodeName":"node-1","phase":"Running","ready":true}"#,
            binding: FleetObject.Binding(node: "node-1", epoch: 2))
        object.lastEpoch = 2
        let status = try json(object, Samples.view(backend.fleet))["status"]
        #expect(status?["phase"] == "Provisioning")
        #expect(status?["ready"] == false)
        #expect(status?["epoch"] == 2)
        #expect(status?["message"] == "node-1 has not reported this machine yet")
    }

    @Test("A member's node shows its part in Raft, another one is pending")
    func nodes() throws {
        let member = try json(
            backend.fleet[KindInfo.node.key(namespace: "", name: "node-1")], Samples.view(backend.fleet))
        #expect(member["status"]?["raftRole"] == "leader")
        #expect(member["status"]?["connected"] == true)
        #expect(member["status"]?["lastHeardSeconds"] == 0)
        #expect(member["status"]?["publicKey"]?.string == backend.local.key.description)
        let stranger = KindInfo.node.key(namespace: "", name: "node-9")
        backend.put([Samples.put(stranger)])
        let pending = try json(backend.fleet[stranger], Samples.view(backend.fleet))
        #expect(pending["status"]?["phase"] == "Pending")
    }

    @Test("An image lists the copies of the nodes by name")
    func images() throws {
        var object = Samples.object(
            KindInfo.image.key(namespace: "", name: "kernel"),
            spec: #"{"digest":"sha256:\#(String(repeating: "a", count: 64))","format":"kernel","source":"/k"}"#)
        object.nodeStatuses = [
            "node-2": Array(#"{"bytes":10,"message":"","name":"node-2","state":"Fetching"}"#.utf8),
            "node-1": Array(#"{"bytes":2048,"message":"","name":"node-1","state":"Present"}"#.utf8),
        ]
        let rendered = try json(object, Samples.view(backend.fleet))
        #expect(rendered["status"]?["nodes"]?[0]?["name"] == "node-1")
        #expect(rendered["status"]?["nodes"]?[0]?["state"] == "Present")
        #expect(rendered["status"]?["nodes"]?[1]?["name"] == "node-2")
        let cells = ObjectRenderer(view: Samples.view(backend.fleet), specs: FullSpecCache(), isForOne: false)
            .imageCells(object)
        #expect(cells == ["kernel", "kernel", "1/2", "2KiB", "90s", "aaaaaaaaaaaa", "/k"])
    }
}
