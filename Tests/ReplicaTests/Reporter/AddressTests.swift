import Fleet
import Manifest
import Primitives
import Raft
import Reconcile
import Replica
import Testing

@Suite("Where a node is")
struct AddressTests {
    private static func facts(_ addresses: [String]) -> ReplicaInput {
        .facts(
            NodeFacts(
                version: "1", capacity: NodeResources(cpus: 4, memoryBytes: 4 << 30),
                allocatable: NodeResources(cpus: 4, memoryBytes: 4 << 30), accelerator: nil, hypervisorProblem: nil,
                addresses: addresses))
    }

    @Test("a node that listens somewhere else tells the cluster, and every member knows", arguments: [true, false])
    func moved(isLeader: Bool) throws {
        var cluster = SmallCluster(size: 3)
        let leader = try #require(cluster.leader)
        let node = try #require(cluster.nodes.keys.sorted().first { ($0 == leader) == isLeader })
        cluster.input(Self.facts(["elsewhere:7", "10.0.0.9:7"]), at: node)
        cluster.run { cluster in
            cluster.nodes.values.allSatisfy {
                $0.replica.fleet.member(id: node.rawValue)?.addresses == ["elsewhere:7", "10.0.0.9:7"]
            }
        }
        for other in cluster.nodes.values {
            #expect(other.replica.fleet.member(id: node.rawValue)?.addresses == ["elsewhere:7", "10.0.0.9:7"])
        }
        // Once is enough.
        let index = cluster.nodes[node]!.replica.commitIndex
        for _ in 0..<300 { cluster.tick() }
        #expect(cluster.nodes[node]!.replica.commitIndex == index)
    }

    @Test("a node tells its new address again until the cluster knows it, also if no leader is there at the start")
    func again() throws {
        var cluster = SmallCluster(size: 3)
        let leader = try #require(cluster.leader)
        let node = try #require(cluster.nodes.keys.sorted().first { $0 != leader })
        cluster.cut = [leader, node]
        cluster.input(Self.facts(["elsewhere:7"]), at: node)
        for _ in 0..<100 { cluster.tick() }
        cluster.cut = []
        cluster.run { $0.nodes[leader]!.replica.fleet.member(id: node.rawValue)?.addresses == ["elsewhere:7"] }
        #expect(cluster.nodes[leader]!.replica.fleet.member(id: node.rawValue)?.addresses == ["elsewhere:7"])
    }

    @Test("a plan made at the leader counts on the nodes that the leader's own loop counts on")
    func readiness() throws {
        var cluster = SmallCluster(size: 3)
        let leader = try #require(cluster.leader)
        let silent = try #require(cluster.nodes.keys.sorted().first { $0 != leader })
        let replica = cluster.nodes[leader]!.replica
        for id in cluster.nodes.keys { #expect(replica.takesMachines("node-\(id)", now: cluster.now)) }
        cluster.cut = [silent]
        cluster.tick()
        // It was heard a moment ago, but its connection is lost.
        let after = cluster.nodes[leader]!.replica
        #expect(after.lives(now: cluster.now)["node-\(silent)"]?.isReady == true)
        #expect(!after.takesMachines("node-\(silent)", now: cluster.now))
        #expect(after.takesMachines("node-\(leader)", now: cluster.now))
    }
}
