import Fleet
import JSONText
import Manifest
import Primitives
import Raft
import Replica
import Testing

@Suite("What the leader tells of nodes")
struct NodeEventTests {
    private func reasons(_ cluster: SmallCluster, of node: NodeID, at id: NodeID) -> [String] {
        let fleet = cluster.nodes[id]!.replica.fleet
        guard let name = fleet.member(id: node.rawValue)?.name else { return [] }
        return fleet.events(for: ObjectKey(kind: "Node", namespace: "", name: name)).map(\.reason)
    }

    @Test(
        "a new leader, a silent node and its return are told once each, the same everywhere, and nothing without them")
    func told() throws {
        var cluster = SmallCluster(size: 3)
        let leader = try #require(cluster.leader)
        let silent = try #require(cluster.nodes.keys.sorted().first { $0 != leader })
        cluster.run { reasons($0, of: leader, at: leader).contains("BecameLeader") }
        #expect(reasons(cluster, of: leader, at: leader).last == "BecameLeader")

        cluster.cut.insert(silent)
        cluster.run { reasons($0, of: silent, at: leader).contains("NotReady") }
        #expect(reasons(cluster, of: silent, at: leader).last == "NotReady")
        let told = cluster.nodes[leader]!.storage.lastIndex
        for _ in 0..<100 { cluster.tick() }
        #expect(cluster.nodes[leader]!.storage.lastIndex == told)

        cluster.cut.remove(silent)
        cluster.run { reasons($0, of: silent, at: leader).last == "Ready" && $0.isLevel }
        #expect(reasons(cluster, of: silent, at: leader).last == "Ready")
        let end = cluster.nodes[leader]!.storage.lastIndex
        for _ in 0..<100 { cluster.tick() }
        #expect(cluster.nodes[leader]!.storage.lastIndex == end)
        for id in cluster.nodes.keys {
            #expect(cluster.nodes[id]!.replica.stateHash == cluster.nodes[leader]!.replica.stateHash)
        }
    }

    @Test("a node's cordon and its end are told once each")
    func cordoned() throws {
        var cluster = SmallCluster(size: 1)
        let node = NodeID(1)
        func write(_ spec: JSON, _ number: UInt64) {
            let key = ObjectKey(kind: "Node", namespace: "", name: "node-1")
            let put = Put(
                key: key, labels: [:], annotations: [:], spec: spec.canonicalBytes, precondition: .none,
                requiredNode: nil)
            _ = cluster.write(ReplicaTests.write([.put(put)], number))
        }
        func told() -> [String] {
            reasons(cluster, of: node, at: node).filter { $0 == "Cordoned" || $0 == "Uncordoned" }
        }
        for _ in 0..<30 { cluster.tick() }
        #expect(told() == [])
        write(["unschedulable": true], 1)
        for _ in 0..<30 { cluster.tick() }
        #expect(told() == ["Cordoned"])
        write(["unschedulable": true, "reserved": ["cpus": 1]], 2)
        let end = cluster.nodes[node]!.storage.lastIndex
        for _ in 0..<50 { cluster.tick() }
        #expect(told() == ["Cordoned"] && cluster.nodes[node]!.storage.lastIndex == end)
        write([:], 3)
        for _ in 0..<30 { cluster.tick() }
        #expect(told() == ["Cordoned", "Uncordoned"])
        #expect(
            cluster.nodes[node]!.replica.fleet.events(for: ObjectKey(kind: "Node", namespace: "", name: "node-1"))
                .first?.reason == "Founded")
    }
}
