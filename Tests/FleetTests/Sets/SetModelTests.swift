import Fleet
import Manifest
import Primitives
import Testing

/// Members and sets by the rules in their plainest form, for random histories to be held against.
private struct SetModel {
    private var owner: [ObjectKey: String] = [:]

    /// What a write may have deleted, by what the sets were before it; then takes in what it did.
    mutating func check(_ write: WriteCommand, _ answer: WriteAnswer, before: Fleet, after: Fleet) {
        let named = Set(write.mutations.map(\.key))
        var leaving: [ObjectKey: String] = [:]
        if let set = write.change.set {
            for (key, name) in owner where name == set.name && !named.contains(key) { leaving[key] = name }
        }
        for case .delete(let delete) in write.mutations where delete.key.kind == "ManifestSet" {
            for (key, name) in owner where name == delete.key.name && !named.contains(key) { leaving[key] = name }
        }
        let gone = Set(answer.pruned.map(\.key)).union(answer.released)
        #expect(gone == Set(leaving.keys), "\(write)")
        for result in answer.pruned {
            let object = before[result.key]
            #expect(object?.isProtected == false && object?.isRetained == false)
        }
        for key in answer.released { #expect(after[key] != nil) }
        // Nothing is gone that was neither named nor let go of by its set.
        for change in changes(before, after) where change.kind == .deleted {
            let key = change.object.key
            #expect(named.contains(key) || answer.pruned.contains { $0.key == key }, "\(key) \(write)")
        }
        checkGuards(write, answer, before: before)
        for key in leaving.keys { owner[key] = nil }
        for (result, mutation) in zip(answer.results, write.mutations) {
            if [.deleted].contains(result.operation) { owner[result.key] = nil }
            if case .put(let put) = mutation, let set = write.change.set, put.key.kind != "ManifestSet" {
                owner[put.key] = set.name
            }
        }
    }

    private func checkGuards(_ write: WriteCommand, _ answer: WriteAnswer, before: Fleet) {
        guard let set = write.change.set else { return }
        let members = owner.values.count { $0 == set.name }
        let puts = write.mutations.count { $0.key.kind != "ManifestSet" }
        #expect(puts > 0 || set.allowsEmpty)
        guard puts > 0, answer.pruned.count > 1 else { return }
        var percent = set.maxPrunePercent ?? before.manifestSet(named: set.name)?.settings.maxPrunePercent ?? 50
        for case .put(let put) in write.mutations {
            if let settings = put.settings, set.maxPrunePercent == nil { percent = settings.maxPrunePercent }
        }
        #expect(answer.pruned.count * 100 <= percent * members, "\(write)")
    }

    /// What other commands than writes deleted.
    mutating func forget(_ before: Fleet, _ after: Fleet) {
        for change in changes(before, after) where change.kind == .deleted { owner[change.object.key] = nil }
    }

    func agrees(with fleet: Fleet) -> Bool {
        let names = Set(owner.values)
        return owner.allSatisfy { fleet.manifestSet(of: $0.key) == $0.value && fleet[$0.key] != nil }
            && names.allSatisfy { name in
                fleet.members(ofSet: name) == owner.filter { $0.value == name }.map(\.key).sorted()
                    && fleet.manifestSet(named: name)?.memberCount == owner.values.count { $0 == name }
            }
    }

    private func changes(_ before: Fleet, _ after: Fleet) -> [Change] {
        guard case .changes(let changes) = after.changes(after: before.revision) else { return [] }
        return changes
    }
}

@Suite("Sets against a model")
struct SetModelTests {
    @Test("nothing outside of a set is pruned, guards hold, and members are what the rules say", arguments: 1...30)
    func random(seed: UInt64) {
        var scenario = Scenario()
        var history = RandomHistory(seed: seed)
        history.hasSets = true
        var model = SetModel()
        var pruned = 0
        var kept: [RequestID: CommandOutcome] = [:]
        for _ in 0..<400 {
            let before = scenario.fleet
            let envelope = history.next(for: before, at: scenario.clock)
            scenario.index += 1
            scenario.clock += 1000
            let outcome = scenario.fleet.apply(envelope, index: scenario.index)
            if case .write(let write) = envelope.command, case .written(let answer) = outcome,
                kept[write.request] == nil
            {
                kept[write.request] = outcome
                pruned += answer.pruned.count
                model.check(write, answer, before: before, after: scenario.fleet)
            } else {
                if case .refused = outcome { #expect(scenario.fleet.revision >= before.revision) }
                model.forget(before, scenario.fleet)
            }
            #expect(model.agrees(with: scenario.fleet), "\(envelope.command)")
        }
        #expect(pruned > 0)
    }
}
