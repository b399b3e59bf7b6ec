import Fleet
import JSONText
import Manifest
import Primitives
import Reconcile
import Testing

@Suite("Changes that a bound machine can't follow")
struct AdmissionTests {
    static let key = ObjectKey(kind: "VirtualMachine", namespace: "default", name: "db")
    static let admin = PublicKey([UInt8](repeating: 1, count: 32))!
    static let node = PublicKey([UInt8](repeating: 2, count: 32))!

    static let spec: JSON = [
        "disks": [["name": "data", "size": "1Gi", "format": "raw"]], "nodeSelector": ["disk": "fast"],
    ]

    /// A fleet with one node, which is labelled, and one machine that is bound to it.
    func fleet(label: String = "fast") -> Fleet {
        var fleet = Fleet()
        func apply(_ command: Command, by author: PublicKey) {
            _ = fleet.apply(
                CommandEnvelope(stamp: WallTime(milliseconds: 1_700_000_000_000), author: author, command: command),
                index: fleet.appliedIndex + 1)
        }
        apply(
            .bootstrap(
                Bootstrap(
                    clusterID: "c",
                    member: Bootstrap.Founder(id: 1, name: nil, key: Self.node, addresses: ["127.0.0.1:1"]),
                    adminKey: Self.admin, adminName: "admin")),
            by: Self.admin)
        let labelled = Put(
            key: ObjectKey(kind: "Node", namespace: "", name: "node-1"), labels: ["disk": label], annotations: [:],
            spec: JSON.object([:]).canonicalBytes, precondition: .none, requiredNode: nil)
        apply(
            .write(
                WriteCommand(
                    request: RequestID(high: 0, low: 1), baseRevision: fleet.revision,
                    mutations: [.put(labelled), put(Self.spec)])),
            by: Self.admin)
        let object = fleet[Self.key]!
        apply(
            .place(
                PlacementBatch(
                    bindings: [
                        NewBinding(
                            key: Self.key, uid: object.uid, generation: 1, node: "node-1",
                            allocationCounter: fleet.allocationCounter(of: "node-1"))
                    ], notes: [], events: [])),
            by: Self.node)
        return fleet
    }

    func put(_ spec: JSON) -> Mutation {
        .put(
            Put(
                key: Self.key, labels: [:], annotations: [:], spec: spec.canonicalBytes, precondition: .none,
                requiredNode: nil))
    }

    func fields(_ spec: JSON) -> [String?] {
        let fleet = fleet()
        #expect(fleet[Self.key]?.binding?.node == "node-1")
        return admissionRefusals(of: [put(spec)], in: fleet).map(\.field)
    }

    @Test("a disk may grow, and may not shrink or become another")
    func disks() {
        #expect(
            fields(["disks": [["name": "data", "size": "2Gi", "format": "raw"]], "nodeSelector": ["disk": "fast"]])
                == [])
        #expect(
            fields(["disks": [["name": "data", "size": "512Mi", "format": "raw"]], "nodeSelector": ["disk": "fast"]])
                == ["spec.disks[0].size"])
        #expect(
            fields(["disks": [["name": "data", "size": "1Gi", "image": "base"]], "nodeSelector": ["disk": "fast"]])
                == ["spec.disks[0].format", "spec.disks[0].image"])
        #expect(fields(["nodeSelector": ["disk": "fast"]]) == [])
    }

    @Test("a selector may not part a machine from its disks")
    func selector() {
        #expect(fields(["nodeSelector": ["disk": "slow"]]) == ["spec.nodeSelector"])
        #expect(fields(.object([:])) == [])
    }

    @Test("a label that only Unicode calls equal does not match")
    func exactText() {
        let (composed, decomposed) = ("f\u{e1}st", "fa\u{301}st")
        let fleet = fleet(label: composed)
        for (word, fields) in [(composed, []), (decomposed, ["spec.nodeSelector"])] {
            let refusals = admissionRefusals(of: [put(["nodeSelector": ["disk": .string(word)]])], in: fleet)
            #expect(refusals.map(\.field) == fields)
        }
        let placement = Placement(fleet: fleet) { _ in true }
        var waiting = FleetObject(
            key: ObjectKey(kind: "VirtualMachine", namespace: "default", name: "new"), uid: UID(high: 1, low: 1),
            resourceVersion: 1, generation: 1, createdAt: fleet.time,
            spec: JSON.object(["nodeSelector": ["disk": .string(decomposed)]]).canonicalBytes)
        #expect(placement.whyUnbound(waiting)?.contains("do not match spec.nodeSelector") == true)
        waiting.spec = JSON.object(["nodeSelector": ["disk": .string(composed)]]).canonicalBytes
        #expect(placement.whyUnbound(waiting)?.contains("do not match spec.nodeSelector") == false)
    }

    @Test("a machine that is bound nowhere may become anything")
    func unbound() {
        var fleet = Fleet()
        fleet.skip(index: 1)
        #expect(admissionRefusals(of: [put(["nodeSelector": ["disk": "slow"]])], in: fleet).isEmpty)
    }
}
