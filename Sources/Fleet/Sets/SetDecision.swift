import Manifest
import Primitives

/// What applying a set will do besides the write's own mutations.
struct SetDecision {
    var application: SetApplication
    /// The puts of the write, ascending by key.
    var puts: [Put]
    /// What happens to members of the revision before that the write does not put, ascending by key.
    var departures: [SetDeparture]
    /// Whether the ManifestSet object is there, or the write puts it.
    var hasObject: Bool
    /// Whether nothing is new, so that the newest revision stays the newest.
    var isNewest: Bool
}

/// What becomes of a member that its set no longer names, or whose set is deleted.
struct SetDeparture {
    var key: ObjectKey
    /// Nil where the object stays, as a member of no set.
    var removal: MutationDecision?
}

extension Fleet {
    /// Judges what a write says of its set; adds why it is refused.
    ///
    /// - Returns: Nil if it is refused.
    func decide(
        _ application: SetApplication, _ mutations: [Mutation], refusals: inout [Refusal]
    ) -> SetDecision? {
        let before = refusals.count
        refusals += malformations(of: application)
        let record = sets[application.name]
        if let expected = application.expectedRevision, expected != record?.lastRevision ?? 0 {
            refusals.append(
                Refusal(
                    reason: .conflict, key: application.key, field: nil,
                    message: "\(application.key.quoted) is at revision \(record?.lastRevision ?? 0), not at "
                        + "\(expected): look at what changed with 'blixard rollout history set/\(application.name)', "
                        + "then apply again"))
        }
        var settings = record?.settings ?? .standard
        var puts: [Put] = []
        var hasObject = objects[application.key] != nil
        for mutation in mutations {
            guard case .put(let put) = mutation else {
                refusals.append(
                    Refusal(
                        reason: .invalid, key: mutation.key, field: nil,
                        message: "an apply of a set deletes nothing by name: leave \(mutation.key.quoted) out of the "
                            + "manifests, and prune"))
                continue
            }
            puts.append(put)
            if put.key == application.key {
                hasObject = true
                settings = put.settings ?? settings
            } else if put.key.isManifestSet {
                refusals.append(
                    Refusal(
                        reason: .invalid, key: put.key, field: nil,
                        message: "\(put.key.quoted) is not the set that is applied, \"\(application.name)\": one set "
                            + "at a time"))
            } else if let owner = sets.owner(of: put.key), owner != application.name, !application.adopts {
                refusals.append(
                    Refusal(
                        reason: .conflict, key: put.key, field: nil,
                        message: "\(put.key.quoted) is a member of the set \"\(owner)\": take it over with --adopt, "
                            + "or leave it out"))
            }
        }
        puts.sort { $0.key < $1.key }
        let memberCount = puts.count { !$0.key.isManifestSet }
        if memberCount == 0, !application.allowsEmpty {
            refusals.append(
                Refusal(
                    reason: .guarded, key: application.key, field: nil,
                    message: "the set \"\(application.name)\" would have no members: give --allow-empty if that is "
                        + "meant"))
        }
        let departures = departures(
            from: application.name, besides: Set(puts.map(\.key)), prune: application.prune ?? settings.prune,
            refusals: &refusals)
        if memberCount > 0,
            let refusal = tooManyDeletions(
                departures, of: application, percent: application.maxPrunePercent ?? settings.maxPrunePercent)
        {
            refusals.append(refusal)
        }
        guard refusals.count == before else { return nil }
        return SetDecision(
            application: application, puts: puts, departures: departures, hasObject: hasObject,
            isNewest: departures.isEmpty && sets.isNewest(puts, of: application.name))
    }

    private func malformations(of application: SetApplication) -> [Refusal] {
        var problems: [String] = []
        if application.name.isEmpty { problems.append("a set needs a name") }
        if application.message.utf8.count > Limits.setMessageBytes {
            problems.append(
                "the message has \(application.message.utf8.count) bytes: at most \(Limits.setMessageBytes) are kept")
        }
        if application.commit.utf8.count > Limits.setCommitBytes {
            problems.append(
                "the commit has \(application.commit.utf8.count) bytes: at most \(Limits.setCommitBytes) are kept")
        }
        if let percent = application.maxPrunePercent, !(0...100).contains(percent) {
            problems.append("\(percent) is no share of the members: give 0 to 100 percent")
        }
        return problems.map { Refusal(reason: .invalid, key: application.key, field: nil, message: $0) }
    }

    /// What becomes of the members of a set that are not among the keys.
    ///
    /// - Parameter prune: Whether they are deleted, as far as they may be.
    func departures(
        from name: String, besides kept: Set<ObjectKey>, prune: Bool, refusals: inout [Refusal]
    ) -> [SetDeparture] {
        var departures: [SetDeparture] = []
        for key in sets.members(of: name) where !kept.contains(key) {
            guard prune, let object = objects[key], !object.isRetained else {
                departures.append(SetDeparture(key: key, removal: nil))
                continue
            }
            do throws(Refusal) {
                let removal = try decide(
                    Delete(key: key, uid: object.uid, resourceVersion: nil, graceSeconds: nil, ignoreMissing: false))
                departures.append(SetDeparture(key: key, removal: removal))
            } catch {
                refusals.append(error)
            }
        }
        return departures
    }

    private func tooManyDeletions(
        _ departures: [SetDeparture], of application: SetApplication, percent: Int
    ) -> Refusal? {
        let deletions = departures.count { $0.removal != nil }
        let members = sets[application.name]?.memberCount ?? 0
        // Counts are below 2^32, and a share is at most 100.
        guard deletions > 1, deletions * 100 > percent * members else { return nil }
        return Refusal(
            reason: .guarded, key: application.key, field: "spec.maxPrunePercent",
            message: "\(deletions) of the \(members) members of the set \"\(application.name)\" would be deleted, and "
                + "one apply may delete \(percent)%: if that is meant, give --max-prune-percent "
                + "\(min(100, (deletions * 100 + members - 1) / max(1, members)))")
    }

    /// What the deletion of a ManifestSet object does to it and to the set's members.
    ///
    /// - Parameter kept: Objects that the same write changes by name, and that so are none of its members any more.
    func decideSetDeletion(_ delete: Delete, besides kept: Set<ObjectKey>) throws(Refusal) -> MutationDecision {
        let decision = try decide(delete)
        guard case .remove(let object) = decision else { return decision }
        let members = sets.members(of: object.key.name).filter { !kept.contains($0) }
        guard members.isEmpty || delete.cascade != nil else {
            throw Refusal(
                reason: .guarded, key: object.key, field: nil,
                message: "the set \"\(object.key.name)\" has \(members.count) members: say what becomes of them, with "
                    + "--cascade=members, which deletes them, or --cascade=orphan, which leaves them as they are")
        }
        var refusals: [Refusal] = []
        let departures = departures(
            from: object.key.name, besides: kept, prune: delete.cascade == .members, refusals: &refusals)
        if let refusal = refusals.first { throw refusal }
        return .removeSet(object, departures)
    }
}
