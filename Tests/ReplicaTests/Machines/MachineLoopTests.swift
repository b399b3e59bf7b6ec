import Fleet
import Hypervisor
import JSONText
import Manifest
import Primitives
import Raft
import Reconcile
import Replica
import Testing

@Suite("The loop of a node's machines")
struct MachineLoopTests {
    private let node = NodeID(1)

    private func fleet(_ cluster: SmallCluster) -> Fleet { cluster.nodes[node]!.replica.fleet }

    private func status(_ cluster: SmallCluster, _ name: String = "web") -> VirtualMachineStatus? {
        fleet(cluster)[ReplicaTests.key(name)].flatMap { try? VirtualMachineStatus(canonical: $0.status) }
    }

    private func events(_ cluster: SmallCluster, _ name: String = "web") -> [String] {
        fleet(cluster).events(for: ReplicaTests.key(name)).map(\.reason)
    }

    /// One node with one machine that runs.
    private func running() throws -> (cluster: SmallCluster, uid: UID) {
        var cluster = SmallCluster(size: 1)
        _ = cluster.write(ReplicaTests.write([ReplicaTests.put("web")], 1))
        cluster.run { status($0)?.phase == .running }
        return (cluster, try #require(fleet(cluster)[ReplicaTests.key("web")]).uid)
    }

    /// One node whose driver was just asked to start a machine.
    private func starting() throws -> (cluster: SmallCluster, uid: UID) {
        var cluster = SmallCluster(size: 1)
        cluster.holdsWork = true
        _ = cluster.write(ReplicaTests.write([ReplicaTests.put("web")], 1))
        cluster.run { !$0.heldWork.isEmpty }
        return (cluster, try #require(cluster.heldWork.first).uid)
    }

    @Test("a restart that is asked for while nothing runs is served by the start, and stops no new process")
    func restartOfStopped() throws {
        var (cluster, uid) = try running()
        for _ in 0..<4 {
            cluster.tick()
            cluster.nodes[node]!.machines.crash(uid, message: "killed", now: cluster.now)
            cluster.input(.machineChanged(uid), at: node)
            cluster.settle()
        }
        #expect(status(cluster)?.phase == .crashLoopBackOff)
        _ = cluster.ask(.restart, of: uid, at: node)
        cluster.run { status($0)?.phase == .running }
        let started = try #require(status(cluster)?.startedAt)
        for _ in 0..<50 { cluster.tick() }
        #expect(status(cluster)?.startedAt == started)
        #expect(!events(cluster).contains("Stopped"))
    }

    @Test("a look that arrives after a later one is not believed")
    func lateLook() throws {
        var (cluster, uid) = try running()
        let before = try #require(status(cluster))
        for _ in 0..<30 { cluster.tick() }
        let old = MachineObservation(
            uid: uid, state: .stopped(.crashed(message: "long ago")),
            observedAt: Instant(milliseconds: cluster.now.milliseconds - 2500))
        cluster.input(.observed(old), at: node)
        cluster.settle()
        for _ in 0..<30 { cluster.tick() }
        #expect(status(cluster) == before)
        #expect(!events(cluster).contains("Exited"))
    }

    @Test("a failure of an old spec's start is not held against the spec that came meanwhile")
    func specChangeDuringStart() throws {
        var (cluster, uid) = try starting()
        _ = cluster.write(ReplicaTests.write([ReplicaTests.put("web", ["vcpus": 2])], 2))
        #expect(cluster.heldWork.count == 1)
        cluster.input(
            .machineDone(
                uid, .permanent(.badConfiguration, message: "no"),
                MachineObservation(uid: uid, state: .absent, observedAt: cluster.now)),
            at: node)
        cluster.holdsWork = false
        cluster.run { status($0)?.phase == .running }
        #expect(status(cluster)?.phase == .running)
    }

    @Test("a machine that ends as soon as it was started waits longer each time")
    func endsAtOnce() throws {
        var (cluster, uid) = try starting()
        var answered = 0
        for _ in 0..<600 {
            while answered < cluster.heldWork.count {
                answered += 1
                let look = MachineObservation(
                    uid: uid, state: .stopped(.crashed(message: "exit status 1")), observedAt: cluster.now)
                cluster.input(.machineDone(uid, nil, look), at: node)
                cluster.settle()
            }
            cluster.tick()
        }
        #expect((4...9).contains(cluster.heldWork.count), "\(cluster.heldWork.count) starts in a minute")
        #expect(status(cluster)?.phase == .crashLoopBackOff)
    }

    @Test("work that fails is tried again ever more rarely")
    func failingDelete() throws {
        var (cluster, uid) = try running()
        cluster.holdsWork = true
        let delete = Mutation.delete(
            Delete(
                key: ReplicaTests.key("web"), uid: nil, resourceVersion: nil, graceSeconds: nil, ignoreMissing: false))
        _ = cluster.write(ReplicaTests.write([delete], 2))
        var answered = 0
        for _ in 0..<600 {
            while answered < cluster.heldWork.count {
                answered += 1
                let state = MachineState.unresponsive(attempts: answered)
                cluster.input(
                    .machineDone(
                        uid, .retryable(.hostFailed, message: "it does not end"),
                        MachineObservation(uid: uid, state: state, observedAt: cluster.now)),
                    at: node)
                cluster.settle()
            }
            cluster.tick()
        }
        #expect((4...9).contains(cluster.heldWork.count), "\(cluster.heldWork.count) tries in a minute")
        cluster.holdsWork = false
        cluster.run { fleet($0)[ReplicaTests.key("web")] == nil }
        #expect(fleet(cluster)[ReplicaTests.key("web")] == nil)
    }

    @Test("a node that was removed keeps its machines running and starts none again")
    func removedNode() throws {
        var cluster = SmallCluster(size: 3)
        let leader = try #require(cluster.leader)
        let removed = try #require(cluster.nodes.keys.sorted().last { $0 != leader })
        _ = cluster.write(ReplicaTests.write((0..<3).map { ReplicaTests.put("vm-\($0)") }, 1))
        cluster.run { cluster in (0..<3).allSatisfy { status(cluster, "vm-\($0)")?.phase == .running } }
        let bound = cluster.nodes[leader]!.replica.fleet.bound(to: "node-\(removed)")
        let uid = try #require(bound.first).uid
        _ = cluster.write(.remove(id: removed.rawValue, isForced: true))
        cluster.run { $0.nodes[removed]!.replica.name == nil }
        #expect(cluster.nodes[removed]!.replica.unknownMachines == [uid])
        #expect(cluster.nodes[removed]!.machines.observe(uid, now: cluster.now).state == .running)
        cluster.nodes[removed]!.machines.crash(uid, message: "killed", now: cluster.now)
        cluster.input(.machineChanged(uid), at: removed)
        for _ in 0..<50 { cluster.tick() }
        #expect(cluster.nodes[removed]!.machines.observe(uid, now: cluster.now).state.mayHaveProcess == false)
    }
}
