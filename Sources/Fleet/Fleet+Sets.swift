import Manifest
import Primitives

// What an apply of a set does besides its mutations, once it is decided.
extension Fleet {
    /// Does what a set's application does besides the mutations, after these.
    ///
    /// - Parameter answer: With the results of all mutations.
    mutating func perform(_ decision: SetDecision, author: PublicKey?, into answer: inout WriteAnswer) {
        let name = decision.application.name
        if sets[name] == nil { sets.keep(name, .standard) }
        perform(decision.departures, into: &answer)
        var isTouched = decision.puts.contains { $0.key == decision.application.key }
        if !decision.hasObject {
            store(newObject(decision.application.key, position: answer.results.count, spec: emptySpec))
            isTouched = true
        }
        guard !decision.isNewest else {
            answer.set = SetOutcome(name: name, revision: sets[name]?.lastRevision ?? 0, isNew: false)
            return
        }
        let counts = SetCounts(of: answer)
        let application = decision.application
        let forgotten = sets[name]?.forgotten?.through
        sets.add(decision.puts, to: name) { number, manifests in
            SetRevision(
                number: number, index: appliedIndex, time: time, author: author,
                authorName: author.flatMap { access[$0]?.name } ?? "", message: application.message,
                commit: application.commit, counts: counts, manifests: manifests)
        }
        let number = sets[name]?.lastRevision ?? 0
        answer.set = SetOutcome(name: name, revision: number, isNew: true)
        // A watch of sets sees the new revision.
        if !isTouched, let object = objects[application.key] { store(object) }
        recordRevision(number, of: application, counts)
        if let now = sets[name]?.forgotten, now.why == .bytes, now.through != forgotten {
            recordSet(
                name, .warning, "HistoryTrimmed",
                "revisions up to \(now.through) are no longer kept: the history has more than "
                    + "\(Limits.setHistoryBytes >> 20) MiB of manifests")
        }
    }

    mutating func perform(_ departures: [SetDeparture], into answer: inout WriteAnswer) {
        for departure in departures {
            sets.release(departure.key)
            if let removal = departure.removal {
                answer.pruned.append(perform(removal, key: departure.key, position: 0))
            } else {
                answer.released.append(departure.key)
            }
        }
    }

    private mutating func recordRevision(_ number: UInt64, of application: SetApplication, _ counts: SetCounts) {
        var message = "revision \(number): \(counts)"
        if !application.commit.isEmpty { message += ", commit \(application.commit)" }
        if !application.message.isEmpty { message += ": \(application.message)" }
        recordSet(application.name, .normal, "Applied", message)
    }

    private mutating func recordSet(_ name: String, _ type: EventType, _ reason: String, _ message: String) {
        let key = ObjectKey.manifestSet(name)
        record([
            EventDraft(
                regarding: key, uid: objects[key]?.uid, type: type, reason: reason, message: message, source: "cluster")
        ])
    }
}

extension SetCounts {
    /// What an answer says of members, once all of the write but the revision is done.
    fileprivate init(of answer: WriteAnswer) {
        func count(_ operation: MutationResult.Operation) -> Int {
            answer.results.count { $0.operation == operation && !$0.key.isManifestSet }
        }
        self.init(
            created: count(.created), configured: count(.configured), unchanged: count(.unchanged),
            pruned: answer.pruned.count, released: answer.released.count)
    }
}

extension SetCounts: CustomStringConvertible {
    /// `2 created, 1 configured, 3 unchanged`; what did not happen is left out.
    public var description: String {
        let parts = [
            (created, "created"), (configured, "configured"), (unchanged, "unchanged"), (pruned, "pruned"),
            (released, "released"),
        ]
        let words = parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return words.isEmpty ? "no objects" : words.joined(separator: ", ")
    }
}
