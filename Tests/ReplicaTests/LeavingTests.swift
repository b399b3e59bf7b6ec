import Fleet
import Primitives
import Raft
import Replica
import Testing

@Suite("Members that leave")
struct LeavingTests {
    @Test(
        "of two voters the one that leads hands over before it goes, and the other goes on alone, also after a restart")
    func lastButOne() throws {
        var cluster = SmallCluster(size: 2)
        let leaving = try #require(cluster.leader)
        let staying = try #require(cluster.nodes.keys.first { $0 != leaving })
        guard case .unavailable(let reason)? = cluster.write(.remove(id: leaving.rawValue), at: leaving) else {
            Issue.record("a leader left alone with one other removed itself")
            return
        }
        #expect(reason.contains("takes over first"))
        cluster.run { $0.leader == staying }
        guard case .applied? = cluster.write(.remove(id: leaving.rawValue), at: staying) else {
            Issue.record("the new leader did not remove the old one")
            return
        }
        // Whoever removes a node switches it off, and a crash may follow at once.
        cluster.nodes[leaving]!.isUp = false
        cluster.restart(staying.rawValue)
        cluster.run { $0.leader == staying }
        guard case .applied? = cluster.write(ReplicaTests.write([ReplicaTests.put("web")], 1), at: staying) else {
            Issue.record("the one that stayed waits for the one that went")
            return
        }
    }
}
