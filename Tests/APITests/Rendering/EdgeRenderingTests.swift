import Contract
import EdgeValues
import Fleet
import JSONText
import Manifest
import Primitives
import Testing

@testable import API

/// What the API shows of objects whose numbers and words are at their ends: whoever wrote them, it is an answer.
@Suite("Rendering of values at their ends")
struct EdgeRenderingTests {
    private static let extremes = [Int64.min, -1, 0, 1, .max]

    /// Views in which the node is there, silent, or says impossible things, long before and after all that happened.
    private static let views: [ClusterView] = {
        let fleet = FakeBackend(admin: Samples.admin).fleet
        return extremes.flatMap { number in
            ([1, 2] as [UInt64]).map { local in
                let contact = NodeContact(
                    lastHeardMilliseconds: number, roundTripMicroseconds: number, connected: number > 0,
                    lag: UInt64(bitPattern: number), role: "Follower")
                var view = Samples.view(fleet, liveness: ["node-1": contact], localID: local)
                view.now = WallTime(milliseconds: number)
                view.term = UInt64(bitPattern: number)
                view.commitIndex = UInt64(bitPattern: number)
                view.leader = ClusterLeader(id: UInt64(bitPattern: number), name: "node-1")
                return view
            }
        }
    }()

    /// Everything that one object is shown as, in every view; all of it must be JSON that has the object in it.
    private func show(_ object: FleetObject, _ kind: KindInfo, _ what: String, in views: [ClusterView] = views) {
        for view in views {
            let renderer = ObjectRenderer(view: view, specs: FullSpecCache(), isForOne: false)
            var list = JSONOutput(capacity: 0)
            ListWriter.append(.objects([object]), of: kind, renderer: renderer, annotations: [:], to: &list)
            let items = (try? JSON(parsing: list.bytes))?["items"]?.array
            #expect(items?.first?["metadata"]?["name"]?.string == object.key.name, "\(what)")
            for objects in [TableObjects.none, .metadata, .full] {
                var table = JSONOutput(capacity: 0)
                TableWriter(renderer: renderer, objects: objects)
                    .append(.objects([object]), of: kind, resourceVersion: .max, annotations: [:], to: &table)
                let row = (try? JSON(parsing: table.bytes))?["rows"]?[0]
                #expect(row?["cells"]?.array?.count == kind.columns.count, "\(what)")
            }
        }
    }

    private func object(_ kind: KindInfo, spec: JSON, status: JSON?) -> FleetObject {
        var object = FleetObject(
            key: kind.key(namespace: "default", name: kind == .node ? "node-1" : "edge"),
            uid: UID(high: .max, low: .max), resourceVersion: .max, generation: .max,
            createdAt: WallTime(milliseconds: .min), deletion: nil, labels: ["a": "b"], annotations: ["c": "d\u{0}"],
            spec: spec.canonicalBytes, status: status?.canonicalBytes ?? [])
        if kind == .virtualMachine { object.binding = FleetObject.Binding(node: "node-1", epoch: 1) }
        return object
    }

    @Test("specs of every edge are shown, whether a validator let them through or not")
    func specs() {
        for edge in EdgeDocuments.all {
            let spec = edge.document["spec"] ?? .null
            // What is stored is an object, and its spec is one.
            guard spec.object != nil else { continue }
            show(object(edge.kind, spec: spec, status: nil), edge.kind, "\(edge)", in: [Self.views[0]])
        }
    }

    @Test("statuses of every edge are shown, of machines, nodes and images")
    func statuses() {
        let views = [Self.views[0], Self.views[5]]
        for (kind, variants) in [
            (KindInfo.virtualMachine, EdgeVariants.ofMachines), (.node, EdgeVariants.ofNodes),
        ] {
            #expect(variants.count > 200)
            for variant in variants {
                show(object(kind, spec: [:], status: variant.whole), kind, "\(kind.kind) \(variant)", in: views)
            }
        }
        for variant in EdgeVariants.ofImageCopies {
            var image = object(.image, spec: [:], status: nil)
            image.nodeStatuses = ["node-1": variant.whole.canonicalBytes, "node-2": []]
            show(image, .image, "\(variant)", in: views)
        }
    }

    @Test("what is no JSON at all is shown as a machine of which nothing is known")
    func unreadable() {
        let whole = Array(#"{"conditions":[{"a":"\\"}],"epoch":1,"nodeName":"node-1","phase":"x"}"#.utf8)
        for length in 0..<whole.count {
            for kind in [KindInfo.virtualMachine, .node, .image] {
                var object = object(kind, spec: [:], status: nil)
                object.status = Array(whole.prefix(length))
                object.nodeStatuses = ["node-1": Array(whole.prefix(length))]
                show(object, kind, "\(kind.kind), \(length) bytes", in: [Self.views[9]])
            }
        }
    }

    @Test("ages, epochs and counts at their ends are shown in every view")
    func numbers() {
        for number in Self.extremes {
            for kind in [KindInfo.virtualMachine, .node, .image] {
                var object = object(kind, spec: [:], status: nil)
                object.createdAt = WallTime(milliseconds: number)
                object.deletion = FleetObject.Deletion(
                    requestedAt: WallTime(milliseconds: number), graceSeconds: Int(number))
                object.binding = FleetObject.Binding(node: "node-1", epoch: UInt64(bitPattern: number))
                object.lastEpoch = UInt64(bitPattern: number)
                object.generation = UInt64(bitPattern: number)
                show(object, kind, "\(kind.kind) \(number)")
            }
        }
    }

    @Test("events at their ends are shown")
    func events() throws {
        for number in Self.extremes {
            let event = EventRecord(
                regarding: ObjectKey(kind: "", namespace: "", name: "\u{0}\n"), uid: UID(high: 0, low: 0),
                type: .warning, reason: "", message: "\u{202e}", source: "", firstSeen: WallTime(milliseconds: number),
                lastSeen: WallTime(milliseconds: number), count: Int(number), firstRevision: UInt64(bitPattern: number),
                revision: UInt64(bitPattern: number))
            for view in Self.views {
                let renderer = ObjectRenderer(view: view, specs: FullSpecCache(), isForOne: false)
                for objects in [TableObjects.none, .metadata, .full] {
                    var output = JSONOutput(capacity: 0)
                    TableWriter(renderer: renderer, objects: objects)
                        .append(.events([event]), of: .event, resourceVersion: 0, annotations: [:], to: &output)
                    let row = try JSON(parsing: output.bytes)["rows"]?[0]
                    #expect(row?["cells"]?.array?.count == KindInfo.event.columns.count)
                }
            }
        }
    }

    @Test("the answer on the cluster is given in every view")
    func cluster() throws {
        let backend = FakeBackend(admin: Samples.admin)
        for view in Self.views {
            let answer = view.state(answeredBy: backend.local).json
            #expect(try JSON(parsing: answer.canonicalBytes)["nodes"]?.array?.count == 1)
        }
    }
}
