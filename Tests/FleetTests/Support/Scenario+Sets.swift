import Fleet
import Manifest
import Primitives
import Testing

extension Scenario {
    /// Applies machines of these names as a set, which must not be refused.
    @discardableResult
    mutating func applied(
        _ set: String, _ names: [String], settings: SetSettings? = nil, prune: Bool? = nil, percent: Int? = nil,
        allowsEmpty: Bool = false, adopts: Bool = false, revision: UInt64? = nil
    ) throws -> WriteAnswer {
        try applied(
            names.map { .put(.machine($0)) }, of: set, settings: settings, prune: prune, percent: percent,
            allowsEmpty: allowsEmpty, adopts: adopts, revision: revision)
    }

    @discardableResult
    mutating func applied(
        _ mutations: [Mutation], of set: String, settings: SetSettings? = nil, prune: Bool? = nil,
        percent: Int? = nil, allowsEmpty: Bool = false, adopts: Bool = false, revision: UInt64? = nil,
        expectation: WriteExpectation? = nil
    ) throws -> WriteAnswer {
        var mutations = mutations
        if let settings {
            var put = Put.set(set)
            put.settings = settings
            mutations.append(.put(put))
        }
        var write = nextWrite(mutations)
        write.change.set = SetApplication(
            name: set, prune: prune, maxPrunePercent: percent, allowsEmpty: allowsEmpty, adopts: adopts,
            expectedRevision: revision, message: "why", commit: "abc")
        write.change.expectation = expectation
        let outcome = run(.write(write), author: Self.admin)
        guard case .written(var answer) = outcome else { throw UnexpectedOutcome(outcome: outcome) }
        // The set's own object comes last, and is none of those that tests name.
        if settings != nil { answer.results.removeLast() }
        return answer
    }

    /// Why an apply of machines of these names as a set is refused; the fleet must stay as it was.
    mutating func refused(
        _ set: String, _ names: [String], prune: Bool? = nil, revision: UInt64? = nil
    ) -> [Refusal] {
        refusals(names.map { .put(.machine($0)) }, of: set, prune: prune, revision: revision)
    }

    mutating func refusals(
        _ mutations: [Mutation], of set: String, prune: Bool? = nil, percent: Int? = nil, revision: UInt64? = nil,
        expectation: WriteExpectation? = nil
    ) -> [Refusal] {
        let before = fleet.revision
        var write = nextWrite(mutations)
        write.change.set = SetApplication(
            name: set, prune: prune, maxPrunePercent: percent, expectedRevision: revision)
        write.change.expectation = expectation
        guard case .refused(let refusals) = run(.write(write), author: Self.admin) else { return [] }
        #expect(fleet.revision == before)
        return refusals
    }

    /// What a plan sees of machines of these names now.
    func expectation(_ names: [String], pruned: [String]) -> WriteExpectation {
        WriteExpectation(
            objects: (names + pruned).map { name in
                WriteExpectation.Object(
                    key: .machine(name), state: fleet[.machine(name)].map(ManifestState.init(of:)))
            },
            pruned: pruned.map(ObjectKey.machine).sorted())
    }
}

struct UnexpectedOutcome: Error {
    let outcome: CommandOutcome
}

extension ObjectKey {
    static func set(_ name: String) -> ObjectKey { ObjectKey(kind: "ManifestSet", namespace: "", name: name) }
}

extension Put {
    /// The object of a set, kept as one of which no manifest says anything.
    static func set(_ name: String) -> Put {
        var put = Put(
            key: .set(name), labels: [:], annotations: [:], spec: Array("{}".utf8), precondition: .none,
            requiredNode: nil)
        put.settings = .standard
        return put
    }
}

extension Delete {
    static func set(_ name: String, _ cascade: SetCascade? = nil) -> Delete {
        var delete = Delete(
            key: .set(name), uid: nil, resourceVersion: nil, graceSeconds: nil, ignoreMissing: false)
        delete.cascade = cascade
        return delete
    }
}

extension SetSettings {
    static func of(prune: Bool, percent: Int = 50, limit: Int = 10) -> SetSettings {
        SetSettings(prune: prune, maxPrunePercent: percent, revisionHistoryLimit: limit)
    }
}
