import Manifest
import Primitives

extension Fleet {
    /// Applies all of a write or nothing of it, once.
    mutating func apply(_ write: WriteCommand, author: PublicKey?) -> CommandOutcome {
        if let first = answer(to: write) { return first }
        guard !requests.isUndecidable(base: write.baseRevision) else {
            return .refused([
                Refusal(
                    .requestTooOld,
                    "request \(write.request) is based on revision \(write.baseRevision), from where on answers are no "
                        + "longer kept (up to \(requests.floor ?? 0)), so nobody can tell whether it was applied: "
                        + "look at what is there, then send a new request")
            ])
        }
        let revisionBefore = revision
        let outcome = outcome(of: write, author: author)
        // Nothing is decided: it is judged again, and that answer is the first.
        guard !outcome.isStale else { return outcome }
        requests.keep(
            KeptAnswer(
                index: appliedIndex, revisionBefore: revisionBefore, mutations: write.mutations.count,
                outcome: outcome),
            for: write.request)
        // A client that reads the revision now must get one that is above everything that left the window, or its
        // new requests could not be told from lost ones.
        if requests.isUndecidable(base: revision) { revision += 1 }
        return outcome
    }

    private mutating func outcome(of write: WriteCommand, author: PublicKey?) -> CommandOutcome {
        guard write.mutations.count <= Limits.objectsPerApply else {
            return .refused([
                Refusal(
                    .limit, "\(write.mutations.count) objects in one write: at most \(Limits.objectsPerApply) fit")
            ])
        }
        var decisions: [MutationDecision] = []
        decisions.reserveCapacity(write.mutations.count)
        var refusals: [Refusal] = []
        // Most writes are of one object.
        var seen = Set<ObjectKey>(minimumCapacity: write.mutations.count > 1 ? write.mutations.count : 0)
        for mutation in write.mutations {
            do throws(Refusal) {
                guard write.mutations.count == 1 || seen.insert(mutation.key).inserted else {
                    throw Refusal(
                        reason: .invalid, key: mutation.key, field: nil,
                        message: "\(mutation.key.quoted) stands twice in one write")
                }
                if case .delete(let delete) = mutation, delete.key.isManifestSet {
                    decisions.append(
                        try decideSetDeletion(delete, besides: Set(write.mutations.lazy.map(\.key))))
                } else {
                    decisions.append(try decide(mutation))
                }
            } catch {
                refusals.append(error)
            }
        }
        var set: SetDecision?
        if let application = write.change.set {
            set = decide(application, write.mutations, refusals: &refusals)
        }
        if let expectation = write.change.expectation {
            refusals += expectation.mismatches(with: self, prunes: prunes(of: set, decisions))
        }
        guard refusals.isEmpty else {
            let stale = refusals.filter { $0.reason == .stale }
            return .refused((stale.isEmpty ? refusals : stale).bounded)
        }
        return .written(perform(decisions, set, of: write, author: author))
    }

    /// What the write deletes besides what it names.
    private func prunes(of set: SetDecision?, _ decisions: [MutationDecision]) -> [ObjectKey] {
        var departures = set?.departures ?? []
        for case .removeSet(_, let more) in decisions { departures += more }
        return departures.filter { $0.removal != nil }.map(\.key).sorted()
    }

    private mutating func perform(
        _ decisions: [MutationDecision], _ set: SetDecision?, of write: WriteCommand, author: PublicKey?
    ) -> WriteAnswer {
        var answer = WriteAnswer(results: [], revision: revision)
        answer.results.reserveCapacity(decisions.count)
        for (position, decision) in decisions.enumerated() {
            answer.results.append(perform(decision, key: write.mutations[position].key, position: position))
            if case .removeSet(_, let departures) = decision { perform(departures, into: &answer) }
            if case .put(let put) = write.mutations[position], put.key.isManifestSet {
                sets.keep(put.key.name, put.settings ?? sets[put.key.name]?.settings ?? .standard)
            }
        }
        if let set { perform(set, author: author, into: &answer) }
        answer.revision = revision
        return answer
    }

    mutating func perform(_ decision: MutationDecision, key: ObjectKey, position: Int) -> MutationResult {
        switch decision {
        case .create(let put):
            var object = newObject(key, position: position, spec: put.spec)
            object.labels = put.labels
            object.annotations = put.annotations
            return MutationResult(store(object), .created)
        case .replace(let object): return MutationResult(store(object), .configured)
        case .keep(let object): return MutationResult(object, .unchanged)
        case .ignore:
            return MutationResult(key: key, operation: .unchanged, uid: nil, resourceVersion: 0, generation: 0)
        case .remove(let object), .removeSet(let object, _): return MutationResult(discard(object), .deleted)
        case .terminate(let object): return MutationResult(store(object), .terminating)
        case .awaitTermination(let object): return MutationResult(object, .terminating)
        case .clear(let object): return MutationResult(store(object), .cleared)
        case .leaveClear(let object): return MutationResult(object, .cleared)
        }
    }
}

extension MutationResult {
    fileprivate init(_ object: FleetObject, _ operation: Operation) {
        self.init(
            key: object.key, operation: operation, uid: object.uid, resourceVersion: object.resourceVersion,
            generation: object.generation)
    }
}
