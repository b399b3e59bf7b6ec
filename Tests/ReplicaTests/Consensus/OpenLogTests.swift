import Raft
import Testing

@testable import Replica

@Suite("What the log holds that is not applied")
struct OpenLogTests {
    private static func entries(_ indexes: ClosedRange<UInt64>, bytes: Int) -> [Entry] {
        indexes.map { Entry(term: Term(1), index: LogIndex($0), data: [UInt8](repeating: 0, count: bytes)) }
    }

    private static func limited(_ count: Int, bytes: Int) -> Int {
        entries(1...UInt64(count), bytes: bytes).reduce(0) { $0 + Int($1.limitedBytes) }
    }

    @Test("the open log grows with what is appended, and shrinks with what is applied")
    func growsAndShrinks() {
        var log = OpenLog()
        log.append([Entry]())
        #expect(log.bytes == 0)
        log.append(Self.entries(1...3, bytes: 100))
        log.append(Self.entries(4...4, bytes: 1000))
        #expect(log.bytes == Self.limited(3, bytes: 100) + Self.limited(1, bytes: 1000))
        // Rather too much than too little is counted of what is applied in part.
        log.applied(through: LogIndex(2))
        #expect(log.bytes == Self.limited(3, bytes: 100) + Self.limited(1, bytes: 1000))
        log.applied(through: LogIndex(3))
        #expect(log.bytes == Self.limited(1, bytes: 1000))
        log.applied(through: LogIndex(9))
        #expect(log.bytes == 0)
    }

    @Test("entries of another leader take the place of those in the open log that they replace")
    func replaces() {
        var log = OpenLog()
        for index in 1...10 as ClosedRange<UInt64> { log.append(Self.entries(index...index, bytes: 100)) }
        log.append(Self.entries(4...4, bytes: 7))
        #expect(log.bytes == Self.limited(3, bytes: 100) + Self.limited(1, bytes: 7))
        log.applied(through: LogIndex(4))
        #expect(log.bytes == 0)
    }

    @Test("a replica's open log is empty once everything is applied, also after a start")
    func ofAReplica() throws {
        var cluster = SmallCluster(size: 3)
        for number in 1..<6 as Range<UInt64> {
            _ = cluster.write(ReplicaTests.write([ReplicaTests.put("vm-\(number)")], number))
        }
        cluster.run { $0.isLevel }
        for node in cluster.nodes.values { #expect(node.replica.openLogBytes == 0) }
        let follower = try #require(cluster.nodes.keys.sorted().last { $0 != cluster.leader })
        cluster.restart(follower.rawValue)
        // It does not know yet how far that is committed.
        cluster.run { $0.isLevel && $0.nodes[follower]!.replica.isCaughtUp }
        #expect(cluster.nodes[follower]!.replica.openLogBytes == 0)
    }
}
