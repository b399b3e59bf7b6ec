import Fleet
import JSONText
import Manifest
import Primitives
import Raft
import Reconcile
import Replica
import Testing

@Suite("Git repositories that a cluster follows")
struct SourceDutyTests {
    private static let key = KindInfo.gitRepository.key(namespace: "", name: "infra")

    /// A cluster that follows a repository, of which the leader has asked for a fetch.
    private func cluster(size: UInt64) -> SmallCluster {
        var cluster = SmallCluster(size: size)
        let put = Put(
            key: Self.key, labels: [:], annotations: [:], spec: Array(#"{"intervalSeconds":10,"url":"/srv/a"}"#.utf8),
            precondition: .none, requiredNode: nil)
        _ = cluster.write(ReplicaTests.write([.put(put)], 1))
        cluster.run { !$0.sourceOrders.isEmpty }
        return cluster
    }

    private func content(_ number: Int, _ names: String...) -> SourceAnswer {
        .content(
            SourceContent(
                commit: String(repeating: "\(number)", count: 40), author: "a", subject: "b",
                mutations: names.map { ReplicaTests.put($0, ["vcpus": .integer(Int64(number))]) }))
    }

    private func answer(_ cluster: inout SmallCluster, _ answer: SourceAnswer) {
        let (node, order) = cluster.sourceOrders.removeLast()
        cluster.sourceOrders = []
        cluster.input(.sourceFetched(order, answer), at: node)
    }

    private func fleet(_ cluster: SmallCluster, _ id: UInt64 = 1) -> Fleet { cluster.nodes[NodeID(id)]!.replica.fleet }

    private func status(_ cluster: SmallCluster) -> GitRepositoryStatus? {
        fleet(cluster, cluster.leader!.rawValue)[Self.key].flatMap { try? GitRepositoryStatus(canonical: $0.status) }
    }

    @Test("the leader fetches, applies and reports, and an idle repository writes nothing to the log")
    func applies() throws {
        var cluster = cluster(size: 3)
        #expect(cluster.sourceOrders.map(\.node) == [cluster.leader])
        answer(&cluster, content(1, "web"))
        cluster.run { status($0)?.lastAppliedCommit != nil }
        #expect(fleet(cluster)[ReplicaTests.key("web")] != nil)
        let newest = try #require(fleet(cluster).manifestSet(named: "infra")?.newest)
        #expect(newest.author == nil && newest.commit == String(repeating: "1", count: 40))
        cluster.run { !$0.sourceOrders.isEmpty }
        let revision = fleet(cluster).revision
        let end = cluster.nodes[cluster.leader!]!.replica.commitIndex
        for _ in 0..<3 {
            answer(&cluster, .same)
            cluster.run { !$0.sourceOrders.isEmpty }
        }
        // Machines may have reported meanwhile; the repository has not.
        let changes = fleet(cluster).changes(after: revision)
        if case .changes(let changes) = changes { #expect(!changes.contains { $0.object.key == Self.key }) }
        #expect(cluster.nodes[cluster.leader!]!.replica.commitIndex >= end)
    }

    @Test("a leader that is lost with a fetch under way is followed by one that fetches at once, and applies once")
    func leaderChange() {
        var cluster = cluster(size: 3)
        let lost = cluster.leader!
        let old = cluster.sourceOrders.removeLast()
        cluster.cut.insert(lost)
        cluster.run { $0.nodes.contains { $0.key != lost && $0.value.replica.role == .leader } }
        cluster.run { $0.sourceOrders.contains { $0.node != lost } }
        cluster.sourceOrders.removeAll { $0.node == lost }
        answer(&cluster, content(2, "web"))
        for _ in 0..<20 { cluster.tick() }
        cluster.cut.remove(lost)
        for _ in 0..<30 { cluster.tick() }
        // What the lost leader asked for arrives at last.
        cluster.input(.sourceFetched(old.order, content(1, "web")), at: old.node)
        for _ in 0..<30 { cluster.tick() }
        let record = fleet(cluster).manifestSet(named: "infra")
        #expect(record?.lastRevision == 1 && record?.newest?.commit == String(repeating: "2", count: 40))
        #expect(cluster.stopped == [])
    }

    @Test("an answer that comes after the object was deleted, or created anew, changes nothing")
    func deleted() {
        var cluster = cluster(size: 1)
        let old = cluster.sourceOrders.removeLast()
        let uid = fleet(cluster)[Self.key]!.uid
        _ = cluster.write(
            ReplicaTests.write(
                [
                    .delete(
                        Delete(
                            key: Self.key, uid: nil, resourceVersion: nil, graceSeconds: nil, ignoreMissing: false))
                ], 2))
        cluster.input(.sourceFetched(old.order, content(1, "web")), at: old.node)
        for _ in 0..<20 { cluster.tick() }
        #expect(fleet(cluster).manifestSet(named: "infra") == nil)
        let put = Put(
            key: Self.key, labels: [:], annotations: [:], spec: Array(#"{"url":"/srv/b"}"#.utf8), precondition: .none,
            requiredNode: nil)
        _ = cluster.write(ReplicaTests.write([.put(put)], 3))
        cluster.run { !$0.sourceOrders.isEmpty }
        cluster.input(.sourceFetched(old.order, content(1, "web")), at: old.node)
        for _ in 0..<20 { cluster.tick() }
        #expect(fleet(cluster).manifestSet(named: "infra") == nil)
        // Nor does what is said of the one that is no more.
        var fleet = fleet(cluster)
        let report = SourceReport(key: Self.key, uid: uid, status: [1], events: [])
        let outcome = fleet.apply(
            CommandEnvelope(stamp: cluster.wall, author: nil, command: .sourceReport(report)),
            index: fleet.appliedIndex + 1)
        #expect(outcome == .batch(BatchAnswer(accepted: 0, ignored: 1, revision: fleet.revision)))
    }

    @Test("a request has the leader fetch at once; another node, and a name that is none, are told apart")
    func wanted() throws {
        var cluster = cluster(size: 3)
        answer(&cluster, content(1, "web"))
        cluster.run { status($0)?.lastAppliedCommit != nil }
        cluster.sourceOrders = []
        let leader = cluster.leader!
        func want(_ name: String, _ number: UInt64, _ node: NodeID) -> SourceVerdict? {
            cluster.input(.sourceWanted(name, RequestID(high: 8, low: number), Waiter(number)), at: node)
            cluster.settle()
            return cluster.sourceVerdicts[Waiter(number)]
        }
        let request = RequestID(high: 8, low: 9001)
        #expect(want("infra", 9001, leader) == .accepted(request, waits: false))
        #expect(want("other", 9002, leader) == .missing)
        let other = try #require(cluster.nodes.keys.sorted().first { $0 != leader })
        #expect(want("infra", 9003, other) == .notLeader)
        #expect(cluster.sourceOrders.count == 1)
        answer(&cluster, .same)
        cluster.run { status($0)?.lastHandledRequest == request.description }
    }

    @Test("no member may say what a leader found")
    func forged() {
        let fleet = fleet(cluster(size: 1))
        let report = SourceReport(key: Self.key, uid: fleet[Self.key]!.uid, status: [], events: [])
        var cluster = self.cluster(size: 1)
        let result = cluster.write(.sourceReport(report))
        #expect(result == .failure(.forbidden(.leaderOnly)))
    }
}
