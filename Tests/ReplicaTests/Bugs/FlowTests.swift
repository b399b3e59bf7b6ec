import Fleet
import Primitives
import Raft
import Replica
import Testing

@Suite("Flow between replicas")
struct FlowTests {
    private func command(_ number: Int, bytes: Int = 10) -> (Command, RequestID) {
        let request = RequestID(high: 46, low: UInt64(number))
        let spec = Array("{\"n\":\"".utf8) + [UInt8](repeating: 120, count: bytes) + Array("\"}".utf8)
        let put = Put(
            key: Replay.key("o\(number % 10)"), labels: [:], annotations: ["number": "\(number)"], spec: spec,
            precondition: .none, requiredNode: nil)
        return (.write(WriteCommand(request: request, baseRevision: 1, mutations: [.put(put)])), request)
    }

    @Test("T45: a member that gets nothing costs the leader a bounded window, and has everything when it heals")
    func starvedMember() throws {
        var cluster = SmallCluster(size: 3)
        let leader = try #require(cluster.leader)
        let starved = try #require(cluster.nodes.keys.sorted().first { $0 != leader })
        cluster.starved = [starved]
        var last: Waiter?
        for number in 0..<400 {
            let (command, request) = command(number)
            last = cluster.submit(command, at: leader, request: request)
        }
        let waiter = try #require(last)
        cluster.run { $0.answers[waiter] != nil }
        #expect(cluster.withheldAppends[starved] ?? 0 <= 128)
        cluster.starved = []
        cluster.run { $0.isLevel }
        #expect(cluster.isLevel)
        #expect(cluster.sentSnapshots.isEmpty)
    }

    @Test("T45: a leader that can't commit takes so much and no more, says so, and goes on when it can")
    func uncommitted() throws {
        var cluster = SmallCluster(size: 3)
        let leader = try #require(cluster.leader)
        cluster.starved = Set(cluster.nodes.keys)
        var waiters: [Waiter] = []
        for number in 0..<7 {
            let (command, request) = command(number, bytes: 12 << 20)
            waiters.append(cluster.submit(command, at: leader, request: request))
        }
        let refused = waiters.filter { cluster.answers[$0] != nil }
        // 64 MiB hold five of them; the sixth would go beyond.
        #expect(refused == Array(waiters.suffix(2)))
        for waiter in refused {
            guard case .failure(.unavailable) = cluster.answers[waiter] else {
                Issue.record("\(String(describing: cluster.answers[waiter]))")
                return
            }
        }
        cluster.starved = []
        cluster.run { cluster in waiters.allSatisfy { cluster.answers[$0] != nil } }
        for waiter in waiters.prefix(5) {
            guard case .success(.written) = cluster.answers[waiter] else {
                Issue.record("\(String(describing: cluster.answers[waiter]))")
                return
            }
        }
        let (next, request) = command(5, bytes: 12 << 20)
        let again = cluster.submit(next, at: leader, request: request)
        cluster.run { $0.answers[again] != nil }
        guard case .success(.written) = cluster.answers[again] else {
            Issue.record("\(String(describing: cluster.answers[again]))")
            return
        }
        cluster.run { $0.isLevel }
        #expect(cluster.isLevel)
    }

    @Test("T45: a write beyond the size of an entry is refused with its size, at every node, and nothing is recorded")
    func tooLarge() throws {
        var cluster = SmallCluster(size: 3)
        let before = cluster.nodes[NodeID(1)]!.replica.commitIndex
        for (number, id) in cluster.nodes.keys.sorted().enumerated() {
            let (command, request) = command(number, bytes: Limits.entryBytes)
            let waiter = cluster.submit(command, at: id, request: request)
            cluster.run { $0.answers[waiter] != nil }
            guard case .failure(.tooLarge(let bytes, Limits.entryBytes)) = cluster.answers[waiter] else {
                Issue.record("node \(id)")
                return
            }
            #expect(bytes > Limits.entryBytes && bytes < Limits.entryBytes + 1000)
        }
        #expect(cluster.nodes[NodeID(1)]!.replica.commitIndex == before)
    }
}
