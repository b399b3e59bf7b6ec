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
        let answer = cluster.write(.remove(id: leaving.rawValue, isForced: true), at: leaving)
        let handsOver = WriteFailure.Obstacle.leaderHandsOver(from: leaving.rawValue, to: staying.rawValue)
        #expect(answer == .failure(.unavailable(handsOver)))
        cluster.run { $0.leader == staying }
        guard case .success? = cluster.write(.remove(id: leaving.rawValue, isForced: true), at: staying) else {
            Issue.record("the new leader did not remove the old one")
            return
        }
        // Whoever removes a node switches it off, and a crash may follow at once.
        cluster.nodes[leaving]!.isUp = false
        cluster.restart(staying.rawValue)
        cluster.run { $0.leader == staying }
        guard case .success? = cluster.write(ReplicaTests.write([ReplicaTests.put("web")], 1), at: staying) else {
            Issue.record("the one that stayed waits for the one that went")
            return
        }
    }

    @Test("a removal that would leave no majority is refused where it is recorded, however often it is insisted on")
    func noMajority() throws {
        var cluster = SmallCluster(size: 4)
        let leader = try #require(cluster.leader)
        let others = cluster.nodes.keys.sorted().filter { $0 != leader }
        cluster.nodes[others[0]]!.isUp = false
        // Longer than a peer is taken for fresh.
        for _ in 0..<30 { cluster.tick() }
        // Two operators look at the same four voters, of which three answer, and each takes another one out.
        let waiters = others.dropFirst().map { id in
            cluster.submit(.remove(id: id.rawValue, isForced: true), at: leader)
        }
        cluster.run { cluster in waiters.allSatisfy { cluster.answers[$0] != nil } }
        let taken = waiters.filter { if case .success(.done) = cluster.answers[$0] { true } else { false } }
        #expect(taken.count <= 1)
        let again = cluster.write(.remove(id: others[2].rawValue, isForced: true), at: leader)
        guard case .success(.refused(let refusals))? = again else {
            Issue.record("\(String(describing: again))")
            return
        }
        #expect(refusals.map(\.reason) == [.conflict])
        #expect(refusals[0].message.contains("no majority"))
        guard case .success(.written)? = cluster.write(ReplicaTests.write([ReplicaTests.put("web")], 1), at: leader)
        else {
            Issue.record("the quorum is gone")
            return
        }
    }

    @Test("a member that answers is removed only by force, and an unknown one never; a follower says so too")
    func insisting() throws {
        var cluster = SmallCluster(size: 3)
        let leader = try #require(cluster.leader)
        let others = cluster.nodes.keys.sorted().filter { $0 != leader }
        let before = cluster.nodes[leader]!.replica.logEnd
        for node in [leader, others[0]] {
            for (id, reason) in [(others[1].rawValue, Refusal.Reason.conflict), (77, .unknownMember)] {
                let answer = cluster.write(.remove(id: id, isForced: false), at: node)
                guard case .success(.refused(let refusals))? = answer else {
                    Issue.record("\(String(describing: answer))")
                    continue
                }
                #expect(refusals.map(\.reason) == [reason])
            }
        }
        #expect(cluster.nodes[leader]!.replica.logEnd == before)
        guard case .success(.done)? = cluster.write(.remove(id: others[1].rawValue, isForced: true), at: others[0])
        else {
            Issue.record("it was insisted on")
            return
        }
    }
}
