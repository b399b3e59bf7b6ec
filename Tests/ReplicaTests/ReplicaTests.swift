import Fleet
import Hypervisor
import JSONText
import Manifest
import Primitives
import Raft
import Replica
import Testing

@Suite("A cluster of replicas")
struct ReplicaTests {
    static func put(_ name: String, _ spec: JSON = .object([:])) -> Mutation {
        .put(
            Put(
                key: key(name), labels: [:], annotations: [:], spec: spec.canonicalBytes, precondition: .none,
                requiredNode: nil))
    }

    static func key(_ name: String) -> ObjectKey {
        ObjectKey(kind: "VirtualMachine", namespace: "default", name: name)
    }

    static func write(_ mutations: [Mutation], _ number: UInt64, base: UInt64 = 1) -> Command {
        .write(
            WriteCommand(request: RequestID(high: 77, low: number), baseRevision: base, mutations: mutations))
    }

    func phase(_ cluster: SmallCluster, _ name: String, at id: UInt64 = 1) -> MachinePhase? {
        cluster.nodes[NodeID(id)]?.replica.fleet[Self.key(name)]
            .flatMap { try? VirtualMachineStatus(canonical: $0.status) }?.phase
    }

    func hashesAgree(_ cluster: SmallCluster) -> Bool {
        Set(cluster.nodes.values.filter(\.isUp).map { $0.replica.stateHash }).count == 1
    }

    @Test("a founder leads alone, and newcomers become voters")
    func membership() {
        let cluster = SmallCluster(size: 3)
        #expect(cluster.stopped == [])
        #expect(cluster.nodes.count == 3)
        for node in cluster.nodes.values {
            #expect(node.replica.voterIDs == [NodeID(1), NodeID(2), NodeID(3)])
            #expect(node.replica.name == "node-\(node.identity.id)")
        }
        #expect(hashesAgree(cluster))
    }

    @Test("an applied set is placed, started, and reported as running")
    func converge() {
        var cluster = SmallCluster(size: 3)
        let answer = cluster.write(Self.write((0..<6).map { Self.put("vm-\($0)") }, 1))
        guard case .success(.written(let written)) = answer else {
            Issue.record("not written: \(String(describing: answer))")
            return
        }
        #expect(written.results.map(\.operation) == Array(repeating: .created, count: 6))
        cluster.run { cluster in (0..<6).allSatisfy { phase(cluster, "vm-\($0)") == .running } }
        for number in 0..<6 { #expect(phase(cluster, "vm-\(number)") == .running) }
        // Spread: two on each.
        let nodes = (0..<6).compactMap { cluster.nodes[NodeID(1)]!.replica.fleet[Self.key("vm-\($0)")]?.binding?.node }
        #expect(Dictionary(grouping: nodes, by: \.self).mapValues(\.count) == ["node-1": 2, "node-2": 2, "node-3": 2])
        #expect(hashesAgree(cluster))
    }

    @Test("a new leader gives no machine to the old one, which it has never heard as leader")
    func placementAfterElection() {
        var cluster = SmallCluster(size: 3)
        let old = cluster.leader!
        cluster.nodes[old]!.isUp = false
        cluster.run { $0.leader != nil && $0.leader != old }
        let next = cluster.leader!
        let names = (0..<4).map { "vm-\($0)" }
        guard case .success(.written) = cluster.write(Self.write(names.map { Self.put($0) }, 1), at: next) else {
            Issue.record("not written")
            return
        }
        func nodes(_ cluster: SmallCluster) -> [String] {
            names.compactMap { cluster.nodes[next]!.replica.fleet[Self.key($0)]?.binding?.node }
        }
        cluster.run { nodes($0).count == names.count }
        #expect(nodes(cluster).count == names.count && !nodes(cluster).contains("node-\(old)"))
    }

    @Test("a follower forwards a write and answers it from its own state")
    func forwarding() {
        var cluster = SmallCluster(size: 3)
        let follower = cluster.nodes.keys.sorted().first { $0 != cluster.leader }!
        let answer = cluster.write(Self.write([Self.put("web")], 1), at: follower)
        guard case .success(.written) = answer else {
            Issue.record("\(String(describing: answer))")
            return
        }
        #expect(cluster.nodes[follower]!.replica.fleet[Self.key("web")] != nil)
    }

    @Test("a machine that ends is started again, and the restart is counted")
    func restart() throws {
        var cluster = SmallCluster(size: 1)
        _ = cluster.write(Self.write([Self.put("web")], 1))
        cluster.run { phase($0, "web") == .running }
        let uid = try #require(cluster.nodes[NodeID(1)]!.replica.fleet[Self.key("web")]).uid
        cluster.tick()
        cluster.nodes[NodeID(1)]!.machines.crash(uid, message: "killed by signal 9", now: cluster.now)
        cluster.input(.machineChanged(uid), at: NodeID(1))
        cluster.settle()
        cluster.run { cluster in
            status(cluster, "web")?.restarts == 1 && phase(cluster, "web") == .running
        }
        #expect(status(cluster, "web")?.restarts == 1)
        let events = cluster.nodes[NodeID(1)]!.replica.fleet.events(for: Self.key("web")).map(\.reason)
        #expect(events.contains("Exited") && events.contains("Started"))
    }

    private func status(_ cluster: SmallCluster, _ name: String) -> VirtualMachineStatus? {
        cluster.nodes[NodeID(1)]?.replica.fleet[Self.key(name)]
            .flatMap { try? VirtualMachineStatus(canonical: $0.status) }
    }

    @Test("deleting goes in two steps, and the object goes when its node has removed the machine")
    func deletion() throws {
        var cluster = SmallCluster(size: 3)
        _ = cluster.write(Self.write([Self.put("web")], 1))
        cluster.run { phase($0, "web") == .running }
        let object = try #require(cluster.nodes[NodeID(1)]!.replica.fleet[Self.key("web")])
        let delete = Mutation.delete(
            Delete(key: Self.key("web"), uid: nil, resourceVersion: nil, graceSeconds: nil, ignoreMissing: false))
        guard case .success(.written(let answer)) = cluster.write(Self.write([delete], 2)) else {
            Issue.record("not written")
            return
        }
        #expect(answer.results.map(\.operation) == [.terminating])
        cluster.run { $0.nodes[NodeID(1)]!.replica.fleet[Self.key("web")] == nil }
        #expect(cluster.nodes[NodeID(1)]!.replica.fleet[Self.key("web")] == nil)
        for node in cluster.nodes.values {
            #expect(node.machines.observe(object.uid, now: cluster.now).state == .absent)
        }
    }

    @Test("the leader dies, another leads, and what was acknowledged is there")
    func failover() {
        var cluster = SmallCluster(size: 3)
        _ = cluster.write(Self.write([Self.put("web")], 1))
        let old = cluster.leader!
        cluster.nodes[old]!.isUp = false
        cluster.run { $0.leader != nil }
        #expect(cluster.leader != old)
        guard case .success(.written) = cluster.write(Self.write([Self.put("db")], 2)) else {
            Issue.record("not written")
            return
        }
        let survivor = cluster.leader!
        #expect(cluster.nodes[survivor]!.replica.fleet[Self.key("web")] != nil)
        cluster.restart(old.rawValue)
        cluster.run { hashesAgree($0) && $0.nodes[old]!.replica.fleet[Self.key("db")] != nil }
        #expect(hashesAgree(cluster))
        #expect(cluster.nodes[old]!.replica.fleet[Self.key("db")] != nil)
    }

    @Test("a node that was restarted alone does not lead under a membership of the past", arguments: [1, 2, 3])
    func restartedAlone(id: UInt64) {
        var cluster = SmallCluster(size: 3)
        cluster.cut = [NodeID(id)]
        cluster.restart(id)
        cluster.run { $0.nodes[NodeID(id)]!.replica.role == .leader }
        #expect(cluster.nodes[NodeID(id)]!.replica.role != .leader)
    }

    @Test("without a quorum a write is refused at once, a read too, and nothing was recorded")
    func noQuorum() {
        var cluster = SmallCluster(size: 3)
        let survivor = cluster.leader!
        for id in cluster.nodes.keys where id != survivor { cluster.nodes[id]!.isUp = false }
        cluster.run { $0.nodes[survivor]!.replica.leader == nil }
        let waiter = cluster.submit(
            Self.write([Self.put("web")], 1), author: SmallCluster.admin, at: survivor)
        #expect(cluster.answers[waiter] == .failure(.noQuorum(connected: 1, voters: 3)))
        let read = cluster.read(at: survivor)
        #expect(cluster.reads[read] == .noQuorum(connected: 1, voters: 3))
    }

    @Test("a write that was appended without a quorum ends as unknown, and its repetition takes effect once")
    func outcomeUnknown() {
        var cluster = SmallCluster(size: 3)
        let survivor = cluster.leader!
        let others = cluster.nodes.keys.filter { $0 != survivor }
        for id in others { cluster.nodes[id]!.isUp = false }
        let request = RequestID(high: 5, low: 5)
        let command = Command.write(
            WriteCommand(request: request, baseRevision: 1, mutations: [Self.put("web")]))
        let waiter = cluster.submit(command, author: SmallCluster.admin, at: survivor, request: request)
        cluster.run { $0.answers[waiter] != nil }
        #expect(cluster.answers[waiter] == .failure(.outcomeUnknown(request)))
        for id in others { cluster.restart(id.rawValue) }
        cluster.run { $0.leader != nil }
        let again = cluster.submit(command, author: SmallCluster.admin, at: cluster.leader!, request: request)
        cluster.run { $0.answers[again] != nil }
        guard case .success(.written(let answer)) = cluster.answers[again] else {
            Issue.record("\(String(describing: cluster.answers[again]))")
            return
        }
        #expect(answer.results.map(\.operation) == [.created])
        cluster.run(hashesAgree)
        #expect(cluster.nodes[survivor]!.replica.fleet[Self.key("web")]?.generation == 1)
    }

    @Test("all nodes end and come back with the same state, and the machines are adopted")
    func coldStart() throws {
        var cluster = SmallCluster(size: 3)
        _ = cluster.write(Self.write([Self.put("web")], 1))
        cluster.run { phase($0, "web") == .running }
        let before = try #require(status(cluster, "web"))
        for id in cluster.nodes.keys { cluster.nodes[id]!.isUp = false }
        for id in cluster.nodes.keys.sorted() { cluster.restart(id.rawValue) }
        cluster.run { cluster in
            cluster.nodes.values.allSatisfy { $0.replica.isCaughtUp }
        }
        cluster.run(hashesAgree)
        let after = try #require(status(cluster, "web"))
        #expect(after.pid == before.pid && after.restarts == 0 && after.phase == .running)
    }

    @Test("a cluster in which nothing happens writes nothing")
    func idle() {
        var cluster = SmallCluster(size: 3)
        _ = cluster.write(Self.write([Self.put("web")], 1))
        cluster.run { phase($0, "web") == .running }
        for _ in 0..<50 { cluster.tick() }
        let before = cluster.appended
        let index = cluster.nodes[NodeID(1)]!.replica.commitIndex
        for _ in 0..<600 { cluster.tick() }
        #expect(cluster.appended == before)
        #expect(cluster.nodes[NodeID(1)]!.replica.commitIndex == index)
    }

    @Test("a machine of a silent node stays bound to it, and new ones go elsewhere")
    func silentNode() throws {
        var cluster = SmallCluster(size: 3)
        _ = cluster.write(Self.write((0..<3).map { Self.put("vm-\($0)") }, 1))
        cluster.run { cluster in (0..<3).allSatisfy { phase(cluster, "vm-\($0)") == .running } }
        let silent = cluster.nodes.keys.sorted().last { $0 != cluster.leader }!
        cluster.nodes[silent]!.isUp = false
        for _ in 0..<80 { cluster.tick() }
        let leader = cluster.leader!
        let lives = cluster.nodes[leader]!.replica.lives(now: cluster.now)
        #expect(lives["node-\(silent)"]?.isReady == false)
        _ = cluster.write(Self.write((10..<14).map { Self.put("vm-\($0)") }, 2))
        for _ in 0..<20 { cluster.tick() }
        let fleet = cluster.nodes[leader]!.replica.fleet
        #expect(fleet.bound(to: "node-\(silent)").count == 1)
        for number in 10..<14 {
            let node = try #require(fleet[Self.key("vm-\(number)")]?.binding?.node)
            #expect(node != "node-\(silent)")
        }
    }

    @Test("a write of a user who may only read is refused, and so is a node's report for another")
    func authorization() {
        var cluster = SmallCluster(size: 1)
        let viewer = PublicKey([UInt8](repeating: 201, count: 32))!
        _ = cluster.write(.grant(key: viewer, name: "eve", role: .viewer))
        guard case .failure(.forbidden) = cluster.write(Self.write([Self.put("web")], 1), author: viewer) else {
            Issue.record("a viewer wrote")
            return
        }
        guard case .failure(.forbidden) = cluster.write(.raiseLevel(2)) else {
            Issue.record("a user raised the level")
            return
        }
    }
}
