import Fleet
import Primitives
import Raft
import Replica
import Testing
import Wire

@Suite("Inputs that arrive together")
struct BatchTests {
    @Test("writes that arrive together share one append and one message to each follower")
    func sharedAppend() throws {
        var cluster = SmallCluster(size: 3)
        let leader = try #require(cluster.leader)
        let inputs = (UInt64(0)..<50).map { (number: UInt64) -> ReplicaInput in
            ReplicaInput.write(
                Waiter(1000 + number),
                WriteSubmission(
                    request: RequestID(high: 77, low: number), author: SmallCluster.admin,
                    command: ReplicaTests.write([ReplicaTests.put("vm-\(number)")], 500 + number)))
        }
        let effects = cluster.nodes[leader]!.replica.step(inputs, now: cluster.now, wall: cluster.wall)
        var appends: [AppendWork] = []
        var messages: [NodeID: Int] = [:]
        for effect in effects {
            if case .append(let work) = effect { appends.append(work) }
            guard case .send(let to, .raft(let message)) = effect, message.kind == .append else { continue }
            messages[to, default: 0] += 1
        }
        #expect(appends.map(\.message.entries.count) == [50])
        #expect(messages.count == 2 && messages.values.allSatisfy { $0 == 1 })
    }

    @Test("a third batch waits until one of two is committed, and then holds all that came meanwhile")
    func openBatches() throws {
        var cluster = SmallCluster(size: 3)
        let leader = try #require(cluster.leader)
        var appends: [AppendWork] = []
        var messages: [(to: NodeID, PeerMessage)] = []
        for number in 0..<20 {
            let input = ReplicaInput.write(
                Waiter(UInt64(1000 + number)),
                WriteSubmission(
                    request: RequestID(high: 77, low: UInt64(number)), author: SmallCluster.admin,
                    command: ReplicaTests.write([ReplicaTests.put("vm-\(number)")], UInt64(500 + number))))
            for effect in cluster.nodes[leader]!.replica.step(input, now: cluster.now, wall: cluster.wall) {
                if case .append(let work) = effect { appends.append(work) }
                if case .send(let to, let message) = effect { messages.append((to, message)) }
            }
        }
        #expect(appends.map(\.message.entries.count) == [1, 1])
        for work in appends {
            cluster.nodes[leader]!.storage.append(work.message.entries)
            cluster.input(.appended(work.message), at: leader)
        }
        for (to, message) in messages { cluster.input(.message(from: leader, message), at: to) }
        cluster.settle()
        let answered = cluster.answers.keys.filter { $0.number >= 1000 }.count
        #expect(answered == 20)
    }
}
