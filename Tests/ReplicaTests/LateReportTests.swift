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
}
