import Fleet
import Primitives
import Raft
import Replica
import Testing

@Suite("A node that does not know its cluster yet")
struct StrangerTests {
    @Test("asks to be asked again, instead of calling an administrator a stranger")
    func administratorAtANewNode() {
        let now = Instant(milliseconds: 1000)
        let wall = WallTime(milliseconds: 1_700_000_000_000)
        var replica = Replica(
            identity: Replica.Identity(id: NodeID(4), key: SmallCluster.key(4), clusterID: "test"),
            storage: MemoryStorage(), fleet: Fleet(), seed: 1, now: now, wall: wall)
        let submission = WriteSubmission(
            request: RequestID(high: 1, low: 1), author: SmallCluster.admin,
            command: .write(WriteCommand(request: RequestID(high: 1, low: 1), baseRevision: 0, mutations: [])))
        let answers = replica.step(.write(Waiter(7), submission), now: now, wall: wall).compactMap { effect in
            if case .answer(let waiter, let result) = effect { (waiter, result) } else { nil }
        }
        #expect(answers.count == 1)
        guard case (Waiter(7), .unavailable)? = answers.first else {
            Issue.record("answered \(answers)")
            return
        }
    }
}
