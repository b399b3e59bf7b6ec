import Fleet
import Manifest
import Primitives

/// What manifest sets must hold, by the rules in their plainest form, from what users meant and entries did.
struct SetLedger {
    /// What a user asked for, which is what the guards are held against.
    private var intents: [RequestID: DesiredChange] = [:]
    /// The set of each member.
    private var owners: [ObjectKey: String] = [:]
    private var settings: [String: SetSettings] = [:]
    /// What each revision of each set says, by its number.
    private var contents: [String: [UInt64: [ObjectKey: [UInt8]]]] = [:]

    mutating func intends(_ request: RequestID, _ change: DesiredChange) { intents[request] = change }

    /// Takes what an entry did to sets.
    ///
    /// - Parameter fleet: After the entry.
    mutating func took(
        _ write: WriteCommand, _ answer: WriteAnswer, at index: UInt64, fleet: Fleet
    ) throws(Violation) {
        let intent = intents[write.request] ?? write.change
        let named = Set(intent.mutations.map(\.key))
        var letGo = members(of: deletedSets(intent), besides: named)
        if let set = intent.set { letGo.formUnion(members(of: [set.name], besides: named)) }
        let gone = Set(answer.pruned.map(\.key)).union(answer.released)
        guard gone == letGo else {
            let strange = gone.symmetricDifference(letGo).sorted().map(\.name)
            throw Violation(
                .sets, "entry \(index): \(strange) was let go of by no set, or kept by one that let go of it")
        }
        try checkGuards(intent, answer, at: index)
        for key in gone { owners[key] = nil }
        for (mutation, result) in zip(write.mutations, answer.results) {
            if result.operation == .deleted { owners[result.key] = nil }
            guard case .put(let put) = mutation else { continue }
            if let new = put.settings { settings[put.key.name] = new }
            if let set = intent.set, put.key.kind != Self.kind { owners[put.key] = set.name }
        }
        for name in deletedSets(intent) {
            contents[name] = nil
            settings[name] = nil
        }
        if let outcome = answer.set, outcome.isNew { try add(outcome, write, at: index) }
        for (key, name) in owners where fleet.manifestSet(of: key) != name {
            throw Violation(.sets, "entry \(index): \(key.name) is a member of \(name), and the state does not say so")
        }
    }

    private static let kind = "ManifestSet"

    private func deletedSets(_ change: DesiredChange) -> [String] {
        change.mutations.compactMap { mutation in
            if case .delete(let delete) = mutation, delete.key.kind == Self.kind { delete.key.name } else { nil }
        }
    }

    private func members(of sets: [String], besides named: Set<ObjectKey>) -> Set<ObjectKey> {
        Set(owners.filter { sets.contains($0.value) && !named.contains($0.key) }.keys)
    }

    private func checkGuards(_ intent: DesiredChange, _ answer: WriteAnswer, at index: UInt64) throws(Violation) {
        guard let set = intent.set else { return }
        let puts = intent.mutations.count { $0.key.kind != Self.kind }
        guard puts > 0 || set.allowsEmpty else {
            throw Violation(.sets, "entry \(index): an empty set was applied that no user asked for")
        }
        let kept = settings[set.name] ?? .standard
        guard set.prune ?? kept.prune || answer.pruned.isEmpty else {
            throw Violation(.sets, "entry \(index): a set was pruned that no user asked to prune")
        }
        let members = owners.values.count { $0 == set.name }
        let percent = set.maxPrunePercent ?? kept.maxPrunePercent
        guard puts == 0 || answer.pruned.count <= 1 || answer.pruned.count * 100 <= percent * members else {
            throw Violation(
                .sets, "entry \(index): \(answer.pruned.count) of \(members) members were pruned, \(percent)% may be")
        }
    }

    private mutating func add(_ outcome: SetOutcome, _ write: WriteCommand, at index: UInt64) throws(Violation) {
        let last = contents[outcome.name]?.keys.max() ?? 0
        guard outcome.revision == last + 1 else {
            throw Violation(.sets, "entry \(index): revision \(outcome.revision) of \(outcome.name) follows \(last)")
        }
        var content: [ObjectKey: [UInt8]] = [:]
        for case .put(let put) in write.mutations { content[put.key] = put.spec }
        contents[outcome.name, default: [:]][outcome.revision] = content
    }

    /// An object went by another entry than a write.
    mutating func removed(_ key: ObjectKey) { owners[key] = nil }

    /// That every revision that is kept is what was applied, and the newest is kept.
    func check(_ fleet: Fleet) throws(Violation) {
        for (name, revisions) in contents {
            guard let record = fleet.manifestSet(named: name), record.lastRevision == revisions.keys.max(),
                record.newest?.number == record.lastRevision
            else { throw Violation(.sets, "the newest revision of \(name) is not kept") }
            for revision in record.revisions {
                var kept: [ObjectKey: [UInt8]] = [:]
                for manifest in fleet.manifests(of: revision) { kept[manifest.key] = manifest.spec }
                guard kept == revisions[revision.number] else {
                    throw Violation(.sets, "revision \(revision.number) of \(name) is not what was applied")
                }
            }
        }
    }
}
