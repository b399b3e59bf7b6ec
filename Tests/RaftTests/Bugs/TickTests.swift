import Primitives
import Raft
import TestFiles
import Testing

/// Time is nothing but ticks.
@Suite("Ticks")
struct TickTests {
    @Test("T40: without ticks nothing ever happens by itself")
    func nothingWithoutTicks() {
        var cluster = Cluster(voters: [1, 2, 3]) { $0.preVote = true }
        cluster.settle()
        let before = cluster.ids.map { cluster.members[$0]!.node }
        for _ in 0..<1000 { cluster.settle(steps: 1) }
        #expect(cluster.ids.map { cluster.members[$0]!.node } == before)
        #expect(cluster.network.isEmpty && before.allSatisfy { !$0.hasReady })
    }

    @Test("T40: a stall, however long, is worth the ticks that are delivered after it, and nothing else")
    func stall() {
        // The one waits between its ticks, the other gets them in one burst: they end as the same value.
        func run(_ waits: Bool) -> RaftNode {
            var cluster = Cluster(voters: [1, 2, 3]) { $0.checkQuorum = true }
            cluster.elect(1)
            for _ in 0..<9 {
                cluster.with(2) { $0.tick() }
                if waits { for _ in 0..<100 { cluster.takeReady(NodeID(2)) } }
            }
            return cluster[2]
        }
        #expect(run(true) == run(false))
        #expect(run(true).role == .follower)
    }

    @Test("T40: a burst of one election timeout starts one election at most; with pre-vote any burst raises no term")
    func burst() {
        for seed in 0..<50 as Range<UInt64> {
            var configuration = Configuration(id: NodeID(1), electionTicks: 10, heartbeatTicks: 1)
            configuration.traces = true
            configuration.applied = LogIndex(1)
            configuration.preVote = seed % 2 == 0
            let state = ConfState(voters: [1, 2, 3].map { NodeID($0) })
            let storage = MemoryStorage(
                hardState: HardState(term: Term(1), vote: nil, commit: LogIndex(1)),
                snapshot: Snapshot(
                    metadata: SnapshotMetadata(index: LogIndex(1), term: Term(1), confState: state), data: []),
                entries: [])
            var node = RaftNode(
                configuration: configuration, storage: storage, generator: SeededGenerator(seed: seed))
            _ = node.drainTrace()
            func elections() -> Int {
                node.drainTrace().count { if case .startsElection = $0 { true } else { false } }
            }
            for _ in 0..<10 { node.tick() }
            #expect(elections() <= 1)
            for _ in 0..<1000 { node.tick() }
            let started = elections()
            #expect((50...101).contains(started))
            #expect(node.term == (configuration.preVote ? Term(1) : node.term))
            #expect(configuration.preVote || node.term.rawValue <= UInt64(started) + 2)
        }
    }

    @Test("T40: the module has no clock, no chance of its own, and no input but its arguments")
    func pure() throws {
        let root = SharedData.packageDirectory + "/Sources/Raft"
        let files = TextFile.paths(below: root, ending: ".swift")
        #expect(files.count > 30)
        for path in files {
            let text = try #require(TextFile.read(path))
            let imports = text.split(separator: "\n").filter {
                $0.hasPrefix("import ") || $0.hasPrefix("public import ")
            }
            #expect(imports.allSatisfy { $0.hasSuffix("import Primitives") }, "\(path) imports \(imports)")
            for word in ["SystemRandomNumberGenerator", ".random()", "ContinuousClock", "Task", "async ", "await "] {
                #expect(!text.contains(word), "\(path) contains \(word)")
            }
        }
    }
}
