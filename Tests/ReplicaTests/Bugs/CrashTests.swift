import Fleet
import Primitives
import Raft
import Replica
import Testing

@Suite("Crashes around the application of entries")
struct CrashTests {
    private static let writes = 9

    /// Writes the same object again and again; answers how many points a crash could have come at.
    private func run(_ crashPoints: Set<Int>) throws -> CrashingNode {
        var node = CrashingNode(crashPoints: crashPoints)
        for number in 1...Self.writes {
            let request = RequestID(high: 5, low: UInt64(number))
            let answer = node.write(Replay.write("o", number, request: request, base: 1), request: request)
            guard case .success(.written(let written)) = answer else {
                Issue.record("crashes at \(crashPoints.sorted()): \(String(describing: answer))")
                return node
            }
            #expect(written.results.map(\.generation) == [UInt64(number)], "crashes at \(crashPoints.sorted())")
        }
        node.recover()
        #expect(node.stopped == [])
        var replay = Replay()
        for entry in node.log { try replay.apply(entry) }
        for (index, hash) in node.seen where index > 0 {
            #expect(replay.hashes[index] == hash, "state \(index), crashes at \(crashPoints.sorted())")
        }
        #expect(node.fleet[Replay.key("o")]?.generation == UInt64(Self.writes))
        return node
    }

    @Test("T28: wherever a process ends, each entry is applied once: the state is that of a full replay")
    func everyPoint() throws {
        let points = try run([]).point
        #expect(points > 100)
        var startsFromSnapshot = 0
        for point in 1...points {
            let node = try run([point])
            #expect(node.crashes == 1)
            startsFromSnapshot += node.startsFromSnapshot
        }
        #expect(startsFromSnapshot > points / 4)
    }

    @Test(
        "T28: a process that ends many times in a row, also during recovery, applies each entry once",
        arguments: 0..<40 as Range<UInt64>)
    func manyPoints(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let points = (0..<12).map { _ in Int.random(in: 1...250, using: &generator) }
        let node = try run(Set(points))
        #expect(node.crashes > 5)
    }

    @Test(
        "T46: at equal indexes all replicas have equal states, through crashes and snapshots",
        arguments: 0..<6 as Range<UInt64>)
    func equalStates(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var cluster = SmallCluster(
            size: 3,
            snapshotPolicy: SnapshotPolicy(entries: 15, bytes: 1 << 30, trailingEntries: 4, trailingBytes: 1 << 30),
            bounds: .small)
        var hashes: [UInt64: UInt64] = [:]
        func compare(_ cluster: SmallCluster) {
            for (id, node) in cluster.nodes where node.isUp {
                let fleet = node.replica.fleet
                let known = hashes.updateValue(fleet.stateHash, forKey: fleet.appliedIndex)
                #expect(known ?? fleet.stateHash == fleet.stateHash, "node \(id) at index \(fleet.appliedIndex)")
            }
        }
        for number in 0..<120 {
            let node = NodeID(UInt64.random(in: 1...3, using: &generator))
            switch UInt64.random(in: 0..<10, using: &generator) {
            case 0: cluster.nodes[node]!.isUp = false
            case 1: cluster.cut = [node]
            case 2..<5: cluster.cut = []
            default: break
            }
            for (id, down) in cluster.nodes where !down.isUp && Bool.random(using: &generator) {
                cluster.restart(id.rawValue)
            }
            let request = RequestID(high: seed + 1, low: UInt64(number))
            let up = cluster.nodes.keys.sorted().filter { cluster.nodes[$0]!.isUp }
            if let asked = up.randomElement(using: &generator) {
                let command =
                    number.isMultiple(of: 3)
                    ? ReplicaTests.write([ReplicaTests.put("vm-\(number % 7)")], UInt64(number), base: .max)
                    : Replay.write("o\(number % 5)", number, request: request, base: .max)
                _ = cluster.submit(command, at: asked, request: request)
            }
            for _ in 0..<Int.random(in: 0..<8, using: &generator) {
                cluster.tick()
                compare(cluster)
            }
        }
        cluster.cut = []
        for (id, node) in cluster.nodes where !node.isUp { cluster.restart(id.rawValue) }
        cluster.run { $0.isLevel }
        compare(cluster)
        #expect(cluster.isLevel && cluster.stopped == [])
        #expect(cluster.nodes.values.contains { $0.storage.snapshot != nil })
        #expect(hashes.count > 60)
    }
}

extension FleetBounds {
    /// So small that everything leaves soon.
    static let small = FleetBounds(
        requests: 10, answerBytes: 1 << 20, changes: 20, changeBytes: 1 << 20, events: 12, eventsPerObject: 3,
        departedObjects: 2)
}
