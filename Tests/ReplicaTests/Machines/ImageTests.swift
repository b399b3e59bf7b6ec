import Fleet
import Hypervisor
import JSONText
import Manifest
import Primitives
import Raft
import Reconcile
import Replica
import Testing

@Suite("Images that machines of a node need")
struct ImageTests {
    private let node = NodeID(1)
    private let imageKey = ObjectKey(kind: "Image", namespace: "", name: "base")

    private func image(_ digit: String) -> Mutation {
        let spec: JSON = [
            "source": "/images/base", "digest": .string("sha256:" + String(repeating: digit, count: 64)),
            "format": "raw",
        ]
        return .put(
            Put(
                key: imageKey, labels: [:], annotations: [:], spec: spec.canonicalBytes, precondition: .none,
                requiredNode: nil))
    }

    private func machine(_ name: String, runStrategy: String = "Always") -> Mutation {
        ReplicaTests.put(
            name,
            [
                "runStrategy": .string(runStrategy),
                "disks": [["name": "root", "size": "1Gi", "image": "base"]], "boot": ["disk": "root"],
            ])
    }

    private func fleet(_ cluster: SmallCluster) -> Fleet { cluster.nodes[node]!.replica.fleet }

    private func phase(_ cluster: SmallCluster, _ name: String) -> MachinePhase? {
        fleet(cluster)[ReplicaTests.key(name)].flatMap { try? VirtualMachineStatus(canonical: $0.status) }?.phase
    }

    @Test("an image that changed while no machine used it is fetched anew for the next machine")
    func changedWhileUnused() throws {
        var cluster = SmallCluster(size: 1)
        _ = cluster.write(ReplicaTests.write([image("a"), machine("one")], 1))
        cluster.run { !$0.fetches.isEmpty }
        let first = try #require(cluster.fetches.first)
        cluster.input(.image(first, .held(path: "/held/a", format: .raw, bytes: 5)), at: node)
        cluster.run { phase($0, "one") == .running }
        let delete = Mutation.delete(
            Delete(
                key: ReplicaTests.key("one"), uid: nil, resourceVersion: nil, graceSeconds: nil, ignoreMissing: false))
        _ = cluster.write(ReplicaTests.write([delete], 2))
        cluster.run { fleet($0)[ReplicaTests.key("one")] == nil }
        _ = cluster.write(ReplicaTests.write([image("b")], 3))
        _ = cluster.write(ReplicaTests.write([machine("two")], 4))
        cluster.run { $0.fetches.count > 1 }
        #expect(
            cluster.fetches.map(\.spec.digestHex) == [
                String(repeating: "a", count: 64), String(repeating: "b", count: 64),
            ])
        #expect(phase(cluster, "two") != .running)
    }

    @Test("a copy that is held is reported as a reader reads it, and what is no longer wanted is given up")
    func reported() throws {
        var cluster = SmallCluster(size: 1)
        _ = cluster.write(ReplicaTests.write([image("a"), machine("one")], 1))
        cluster.run { !$0.fetches.isEmpty }
        cluster.input(.image(cluster.fetches[0], .held(path: "/held/a", format: .raw, bytes: 5)), at: node)
        cluster.run { phase($0, "one") == .running && fleet($0)[imageKey]?.nodeStatuses.isEmpty == false }
        let report = try #require(fleet(cluster)[imageKey]?.nodeStatuses.first)
        let copy = try ImageStatus.NodeCopy(canonical: report.value)
        #expect(copy == .init(name: report.key, bytes: 5, state: .present, message: ""))
        #expect(cluster.givenUp.isEmpty)

        _ = cluster.write(ReplicaTests.write([image("b"), machine("two")], 2))
        cluster.run { $0.fetches.count > 1 }
        let delete = Mutation.delete(
            Delete(key: imageKey, uid: nil, resourceVersion: nil, graceSeconds: nil, ignoreMissing: false))
        _ = cluster.write(ReplicaTests.write([delete], 3))
        cluster.run { !$0.givenUp.isEmpty }
        #expect(cluster.givenUp == [cluster.fetches[1]])
        #expect(phase(cluster, "one") == .running)
    }

    @Test("another spelling of the source's name is another file, and is fetched")
    func spelling() throws {
        var cluster = SmallCluster(size: 1)
        func write(_ name: String, _ number: UInt64) {
            let spec: JSON = [
                "source": .string("/images/\(name)"), "digest": .string("sha256:" + String(repeating: "a", count: 64)),
                "format": "raw",
            ]
            let put = Put(
                key: imageKey, labels: [:], annotations: [:], spec: spec.canonicalBytes, precondition: .none,
                requiredNode: nil)
            _ = cluster.write(ReplicaTests.write([.put(put), machine("one")], number))
        }
        write("Jos\u{e9}", 1)
        cluster.run { !$0.fetches.isEmpty }
        cluster.input(.image(cluster.fetches[0], .failed(message: "there is no such file")), at: node)
        cluster.settle()
        write("Jose\u{301}", 2)
        cluster.settle()
        // At once: it does not wait for what the other file failed for.
        #expect(
            cluster.fetches.map { Array($0.spec.source.utf8) } == [
                Array("/images/Jos\u{e9}".utf8), Array("/images/Jose\u{301}".utf8),
            ])
    }

    @Test("a start that failed for good is tried again with another image")
    func anotherImage() throws {
        var cluster = SmallCluster(size: 1)
        cluster.holdsWork = true
        _ = cluster.write(ReplicaTests.write([image("a"), machine("one")], 1))
        cluster.run { !$0.fetches.isEmpty }
        cluster.input(.image(cluster.fetches[0], .held(path: "/held/a", format: .raw, bytes: 5)), at: node)
        cluster.run { !$0.heldWork.isEmpty }
        let uid = try #require(cluster.heldWork.first).uid
        cluster.input(
            .machineDone(
                uid, .permanent(.badConfiguration, message: "no disk image"),
                MachineObservation(uid: uid, state: .absent, observedAt: cluster.now)),
            at: node)
        for _ in 0..<100 { cluster.tick() }
        #expect(cluster.heldWork.count == 1)
        _ = cluster.write(ReplicaTests.write([image("b")], 2))
        cluster.run { $0.fetches.count > 1 }
        cluster.input(.image(cluster.fetches[1], .held(path: "/held/b", format: .raw, bytes: 5)), at: node)
        cluster.run { $0.heldWork.count > 1 }
        #expect(cluster.heldWork.count == 2)
    }

    @Test("an image that can't be had is an event of each machine that waits for it, told once for each reason")
    func failureIsTold() throws {
        var cluster = SmallCluster(size: 1)
        _ = cluster.write(
            ReplicaTests.write([image("a"), machine("one"), machine("idle", runStrategy: "Manual")], 1))
        var answered = 0
        for _ in 0..<1200 {
            while answered < cluster.fetches.count {
                let reason = answered < 2 ? "404 Not Found" : "the digest is another one"
                cluster.input(.image(cluster.fetches[answered], .failed(message: reason)), at: node)
                answered += 1
                cluster.settle()
            }
            cluster.tick()
        }
        #expect(answered > 2)
        let events = fleet(cluster).events(for: ReplicaTests.key("one"))
        #expect(
            events.map { "\($0.type) \($0.reason): \($0.message)" } == [
                "warning ErrImagePull: Image \"base\": 404 Not Found",
                "warning ErrImagePull: Image \"base\": the digest is another one",
            ])
        #expect(fleet(cluster).events(for: ReplicaTests.key("idle")).isEmpty)

        // Also to a machine that comes to wait when the others know.
        _ = cluster.write(ReplicaTests.write([machine("late")], 2))
        for _ in 0..<1300 {
            while answered < cluster.fetches.count {
                cluster.input(
                    .image(cluster.fetches[answered], .failed(message: "the digest is another one")), at: node)
                answered += 1
                cluster.settle()
            }
            cluster.tick()
        }
        #expect(fleet(cluster).events(for: ReplicaTests.key("late")).map(\.reason) == ["ErrImagePull"])
        #expect(fleet(cluster).events(for: ReplicaTests.key("one")).count == 2)
    }

    @Test("an image that can't be had is asked for ever more rarely, and the machine says why it waits")
    func failing() throws {
        var cluster = SmallCluster(size: 1)
        _ = cluster.write(ReplicaTests.write([image("a"), machine("one")], 1))
        var answered = 0
        for _ in 0..<1200 {
            while answered < cluster.fetches.count {
                cluster.input(.image(cluster.fetches[answered], .failed(message: "404 Not Found")), at: node)
                answered += 1
                cluster.settle()
            }
            cluster.tick()
        }
        #expect((4...8).contains(answered), "\(answered) tries in two minutes")
        #expect(phase(cluster, "one") == .errImagePull)
    }
}
