import Fleet
import Manifest
import Primitives
import Testing

@Suite("The same entries everywhere")
struct DeterminismTests {
    private static let bounds = FleetBounds.tiny

    /// The same command in other storage: maps of another capacity, filled in another order, iterate in another order.
    private static func rebuilt(_ envelope: CommandEnvelope, _ generator: inout SeededGenerator) -> CommandEnvelope {
        guard case .write(var write) = envelope.command else { return envelope }
        write.mutations = write.mutations.map { mutation in
            guard case .put(var put) = mutation else { return mutation }
            put.labels = rebuilt(put.labels, &generator)
            put.annotations = rebuilt(put.annotations, &generator)
            return .put(put)
        }
        return CommandEnvelope(stamp: envelope.stamp, author: envelope.author, command: .write(write))
    }

    private static func rebuilt(_ map: [String: String], _ generator: inout SeededGenerator) -> [String: String] {
        var rebuilt: [String: String] = [:]
        rebuilt.reserveCapacity(Int.random(in: 0...200, using: &generator))
        for key in map.keys.sorted().shuffled(using: &generator) { rebuilt[key] = map[key] }
        return rebuilt
    }

    /// Some hundred entries, and the hash of the state after each.
    private static func history(seed: UInt64, count: Int) -> (entries: [CommandEnvelope], hashes: [UInt64]) {
        var scenario = Scenario(bounds: bounds)
        var history = RandomHistory(seed: seed)
        var entries: [CommandEnvelope] = []
        var hashes: [UInt64] = []
        for _ in 0..<count {
            let entry = history.next(for: scenario.fleet, at: scenario.clock)
            scenario.clock += 1000
            scenario.index += 1
            _ = scenario.fleet.apply(entry, index: scenario.index)
            entries.append(entry)
            hashes.append(scenario.fleet.stateHash)
        }
        return (entries, hashes)
    }

    @Test(
        "T46: replicas have equal states at every index, in whatever order their maps are, restored or not",
        arguments: 1...10 as ClosedRange<UInt64>)
    func equalStates(seed: UInt64) throws {
        let (entries, hashes) = Self.history(seed: seed, count: 300)
        var generator = SeededGenerator(seed: seed)
        var twin = Scenario(bounds: Self.bounds)
        for (entry, hash) in zip(entries, hashes) {
            twin.index += 1
            _ = twin.fleet.apply(Self.rebuilt(entry, &generator), index: twin.index)
            #expect(twin.fleet.stateHash == hash, "at index \(twin.index)")
            guard Int.random(in: 0..<20, using: &generator) == 0 else { continue }
            twin.fleet = try Fleet(snapshot: twin.fleet.encodeSnapshot(), bounds: Self.bounds)
            #expect(twin.fleet.stateHash == hash, "restored at index \(twin.index)")
        }
    }

    @Test("T46: a replica that was snapshotted while it went on has the snapshot's state in it, and its own beside it")
    func snapshotOfACopy() throws {
        var scenario = Scenario(bounds: Self.bounds)
        var history = RandomHistory(seed: 31)
        for _ in 0..<20 {
            let copy = scenario.fleet
            let hash = copy.stateHash
            scenario.play(&history, count: 25)
            #expect(copy.stateHash == hash)
            #expect(try Fleet(snapshot: copy.encodeSnapshot(), bounds: Self.bounds).stateHash == hash)
        }
    }

    @Test(
        "T46: every process has the same states, whatever seeds its hash tables",
        arguments: 1...3 as ClosedRange<UInt64>)
    func otherProcesses(seed: UInt64) async {
        let (_, hashes) = Self.history(seed: seed, count: 150)
        // A process of its own draws its own seed.
        await #expect(processExitsWith: .success) { [seed = seed as UInt64, hashes = hashes as [UInt64]] in
            let here = DeterminismTests.history(seed: seed, count: hashes.count)
            precondition(here.hashes == hashes, "another state than in the process that asked")
        }
    }
}
