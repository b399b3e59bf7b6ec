import Fleet
import Manifest
import Primitives
import Testing

@Suite("Snapshots and determinism")
struct SnapshotTests {
    @Test("a restored fleet is the fleet, and goes on like it", arguments: 1...12)
    func restore(seed: UInt64) throws {
        let bounds: FleetBounds = seed.isMultiple(of: 2) ? .tiny : .standard
        var original = Scenario(bounds: bounds)
        var history = RandomHistory(seed: seed)
        history.hasIncarnations = seed.isMultiple(of: 3)
        history.hasSets = seed % 4 < 2
        for _ in 0..<8 {
            original.play(&history, count: 50)
            let snapshot = original.fleet.encodeSnapshot()
            var restored = original
            restored.fleet = try Fleet(snapshot: snapshot, bounds: bounds)
            #expect(restored.fleet == original.fleet)
            #expect(restored.fleet.stateHash == original.fleet.stateHash)
            #expect(restored.fleet.encodeSnapshot() == snapshot)
            #expect(restored.fleet.unbound() == original.fleet.unbound())
            #expect(restored.fleet.bound(to: "n1") == original.fleet.bound(to: "n1"))
            var twin = history
            let first = original.play(&history, count: 50)
            let second = restored.play(&twin, count: 50)
            #expect(first == second)
            #expect(restored.fleet == original.fleet)
            #expect(restored.fleet.stateHash == original.fleet.stateHash)
            #expect(restored.fleet.encodeSnapshot() == original.fleet.encodeSnapshot())
        }
    }

    @Test("random histories really do something of every kind")
    func coverage() {
        var kinds: Set<String> = []
        for seed in UInt64(1)...12 {
            var scenario = Scenario()
            var history = RandomHistory(seed: seed)
            for outcome in scenario.play(&history, count: 400) {
                kinds.formUnion(outcome.operations.map { "\($0)" })
                kinds.formUnion(outcome.reasons.map { "refused: \($0)" })
                if case .joined = outcome { kinds.insert("joined") }
                if outcome.accepted ?? 0 > 0 { kinds.insert("accepted") }
                if outcome.ignored ?? 0 > 0 { kinds.insert("ignored") }
            }
        }
        let wanted = [
            "created", "configured", "unchanged", "deleted", "terminating", "cleared", "joined", "accepted", "ignored",
            "refused: terminating", "refused: invalid", "refused: notFound", "refused: ticketExpired",
            "refused: ticketUsed", "refused: stale", "refused: nameTaken", "refused: keyTaken", "refused: forbidden",
            "refused: unknownMember", "refused: levelUnknown",
        ]
        #expect(wanted.filter { !kinds.contains($0) } == [])
    }

    /// The numbers are from another process. Whoever changes them has changed what replicas hold for the same log, or
    /// how they store it, and needs a new level or a new snapshot version.
    @Test("the same history gives the same state in every process")
    func golden() {
        var scenario = Scenario()
        var history = RandomHistory(seed: 2024)
        scenario.play(&history, count: 600)
        let snapshot = scenario.fleet.encodeSnapshot()
        #expect(scenario.fleet.revision == 1041)
        #expect(scenario.fleet.stateHash == 14_771_656_062_624_180_096)
        #expect(CRC32C.checksum(snapshot) == 4_251_656_732)
    }

    @Test("after a restore the feed starts anew")
    func feed() throws {
        var scenario = Scenario()
        let before = scenario.fleet.revision
        scenario.write(.put(.machine("a")))
        scenario.fleet = try Fleet(snapshot: scenario.fleet.encodeSnapshot())
        #expect(scenario.fleet.changes(after: before) == .expired)
        #expect(scenario.fleet.changes(after: scenario.fleet.revision) == .changes([]))
        let cursor = scenario.fleet.revision
        scenario.write(.put(.machine("b")))
        guard case .changes(let changes) = scenario.fleet.changes(after: cursor) else {
            Issue.record("expired")
            return
        }
        #expect(changes.map(\.object.key) == [.machine("b")])
    }

    @Test("what is gone leaves nothing behind that a restored fleet would lack")
    func nothingLeftBehind() throws {
        var scenario = Scenario()
        scenario.addMember("n2", key: 2)
        scenario.createBound("a", on: "n2")
        scenario.write(.put(.other(.image("i"))), .put(.machine("b")))
        scenario.write(.delete(.of(.machine("a"))), .delete(.of(.machine("b"))), .delete(.of(.image("i"))))
        scenario.run(.remove(id: 2, isForced: false))
        scenario.run(.remove(id: 1, isForced: false))
        #expect(try Fleet(snapshot: scenario.fleet.encodeSnapshot()) == scenario.fleet)
    }

    @Test("an empty fleet has a snapshot too")
    func empty() throws {
        let fleet = Fleet()
        #expect(try Fleet(snapshot: fleet.encodeSnapshot()) == fleet)
    }

    @Test("a snapshot that is cut off anywhere is refused")
    func truncation() {
        var scenario = Scenario()
        var history = RandomHistory(seed: 5)
        scenario.play(&history, count: 60)
        let snapshot = scenario.fleet.encodeSnapshot()
        for count in 0..<snapshot.count {
            #expect(throws: DecodingFailure.self) { try Fleet(snapshot: Array(snapshot[..<count])) }
        }
        #expect(throws: DecodingFailure.self) { try Fleet(snapshot: snapshot + [0]) }
    }

    @Test("a snapshot with a flipped bit is refused, or is a fleet that still works")
    func bitFlips() throws {
        var scenario = Scenario()
        var history = RandomHistory(seed: 6)
        scenario.play(&history, count: 60)
        let snapshot = scenario.fleet.encodeSnapshot()
        for position in snapshot.indices {
            var damaged = snapshot
            damaged[position] ^= 1 << UInt8((position &* 5) & 7)
            // Most are refused, which is what is hoped for.
            guard let fleet = try? Fleet(snapshot: damaged) else { continue }
            #expect(try Fleet(snapshot: fleet.encodeSnapshot()) == fleet)
            guard position.isMultiple(of: 3), fleet.appliedIndex < 1 << 40 else { continue }
            var trial = scenario
            var next = history
            trial.fleet = fleet
            trial.index = max(trial.index, fleet.appliedIndex)
            trial.play(&next, count: 5)
        }
    }

    @Test("a snapshot of another format or level is refused as unknown")
    func versions() {
        var snapshot = Fleet().encodeSnapshot()
        snapshot[0] = 6
        #expect(throws: DecodingFailure(.unknownVersion(6), offset: 0)) { try Fleet(snapshot: snapshot) }
        snapshot[0] = 1
        snapshot[2] = 9
        #expect(throws: DecodingFailure(.unknownVersion(9), offset: 2)) { try Fleet(snapshot: snapshot) }
    }

    @Test("the state hash sees every part of the state")
    func hash() {
        var scenario = Scenario()
        var seen: Set<UInt64> = [scenario.fleet.stateHash]
        let steps: [(inout Scenario) -> Void] = [
            { $0.write(.put(.machine("a"))) },
            { $0.write(.put(.machine("a"))) },
            { $0.write(.put(.machine("a", labels: ["x": "y"]))) },
            { $0.createBound("b", on: "n1") },
            { $0.report(1) },
            { $0.report(1, nodeStatus: "{}") },
            {
                $0.report(
                    1,
                    events: [
                        EventDraft(
                            regarding: .machine("a"), uid: nil, type: .normal, reason: "R", message: "", source: "")
                    ])
            },
            { $0.addMember("n2", key: 2) },
            { $0.run(.promote(id: 2)) },
            { $0.run(.grant(key: Scenario.key(9), name: "bob", role: .viewer)) },
            { $0.write(.delete(.of(.machine("a")))) },
            { $0.fleet.skip(index: $0.index + 1) },
        ]
        for step in steps {
            step(&scenario)
            #expect(seen.insert(scenario.fleet.stateHash).inserted)
        }
    }
}
