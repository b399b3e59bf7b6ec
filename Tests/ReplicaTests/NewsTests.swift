import Fleet
import Manifest
import Primitives
import Raft
import Replica
import Testing

@Suite("What the leader tells of nodes")
struct NewsTests {
    private func reasons(_ cluster: SmallCluster, of node: NodeID, at id: NodeID) -> [String] {
        let fleet = cluster.nodes[id]!.replica.fleet
        guard let name = fleet.member(id: node.rawValue)?.name else { return [] }
        return fleet.events(for: ObjectKey(kind: "Node", namespace: "", name: name)).map(\.reason)
    }

    @Test(
        "who leads, who fell silent and who is back: each once, the same everywhere, and nothing when nothing happens")
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
}
