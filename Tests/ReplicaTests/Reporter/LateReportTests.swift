import Fleet
import Hypervisor
import Manifest
import Primitives
import Raft
import Replica
import Testing

@Suite("Reports that come true late")
struct LateReportTests {
    private func phase(_ cluster: SmallCluster, _ name: String, at id: NodeID) -> MachinePhase? {
        cluster.nodes[id]?.replica.fleet[ReplicaTests.key(name)]
            .flatMap { try? VirtualMachineStatus(canonical: $0.status) }?.phase
    }

    @Test("what a report that was given up for lost has overwritten is reported again")
    func lateReport() throws {
        var cluster = SmallCluster(size: 3)
        _ = cluster.write(ReplicaTests.write((0..<3).map { ReplicaTests.put("vm-\($0)") }, 1))
        cluster.run { cluster in (0..<3).allSatisfy { phase(cluster, "vm-\($0)", at: NodeID(1)) == .running } }
        let leader = try #require(cluster.leader)
        let objects = (0..<3).compactMap { cluster.nodes[leader]!.replica.fleet[ReplicaTests.key("vm-\($0)")] }
        let object = try #require(objects.first { $0.binding?.node != "node-\(leader)" })
        let id = try #require(cluster.nodes.keys.first { "node-\($0)" == object.binding?.node })
        let name = object.key.name
        for _ in 0..<20 { cluster.tick() }

        // The node says that the machine is paused, mends that, and does not hear that the cluster took the first word.
        cluster.starved = [id]
        cluster.nodes[id]!.machines.pause(object.uid, now: cluster.now)
        cluster.input(.machineChanged(object.uid), at: id)
        cluster.settle()
        cluster.run { phase($0, name, at: leader) == .paused }
        #expect(phase(cluster, name, at: leader) == .paused)
        #expect(phase(cluster, name, at: id) == .running)
        for _ in 0..<(ReplicaTiming.reportMilliseconds / ReplicaTiming.tickMilliseconds + 10) { cluster.tick() }

        cluster.starved = []
        cluster.run { phase($0, name, at: leader) == .running }
        #expect(cluster.nodes[id]!.machines.observe(object.uid, now: cluster.now).state == .running)
        #expect(phase(cluster, name, at: leader) == .running)
    }

    @Test("a report that is too large for one entry is made in several, and nothing of it is lost")
    func manyBytes() throws {
        var cluster = SmallCluster(size: 1)
        let names = (0..<4).map { "vm-\($0)" }
        _ = cluster.write(ReplicaTests.write(names.map { ReplicaTests.put($0) }, 1))
        let leader = try #require(cluster.leader)
        func object(_ name: String) -> FleetObject? { cluster.nodes[leader]!.replica.fleet[ReplicaTests.key(name)] }
        cluster.run { cluster in names.allSatisfy { phase(cluster, $0, at: leader) == .running } }
        cluster.holdsWork = true
        for name in names {
            let uid = try #require(object(name)).uid
            let message = String(repeating: name + " ", count: 300_000)
            cluster.nodes[leader]!.machines.failDisk(uid, message: message, now: cluster.now)
            cluster.input(.machineChanged(uid), at: leader)
        }
        cluster.stepsTogether = true
        cluster.settle()
        for name in names {
            let status = try #require(object(name)).status
            #expect(status.count > 1_500_000, "\(name): \(status.count) bytes")
        }
        let log = try #require(
            cluster.nodes[leader]!.replica.appliedEntries(
                after: LogIndex(1), through: cluster.nodes[leader]!.replica.commitIndex))
        #expect(log.allSatisfy { $0.data.count < 6 << 20 }, "\(log.map(\.data.count))")
        #expect(log.reduce(0) { $0 + $1.data.count } > 16 << 20)
    }
}
