public import Manifest
public import Primitives

extension Fleet {
    public subscript(key: ObjectKey) -> FleetObject? { objects[key] }

    /// The objects of one kind, ascending by key.
    ///
    /// - Parameter namespace: Nil for those of all namespaces.
    public func objects(kind: String, namespace: String?) -> [FleetObject] {
        var found = objects.objects(kind: kind)
        if let namespace { found.removeAll { $0.key.namespace != namespace } }
        // Objects are large values: their places are sorted, and each object is moved once.
        return found.indices.sorted { found[$0].key < found[$1].key }.map { found[$0] }
    }

    /// Every spec of a Secret, of objects and of manifests in the histories of sets; the same one may come twice.
    public var secretSpecs: [(key: ObjectKey, spec: [UInt8])] {
        objects.objects(kind: ObjectKey.secretKind).map { ($0.key, $0.spec) }
            + sets.manifests.values.filter(\.key.isSecret).map { ($0.key, $0.spec) }
    }

    /// The machines that are bound to a node, ascending by key. Costs as much as there are of them.
    public func bound(to node: String) -> [FleetObject] {
        objects.bound(to: node).sorted().compactMap { objects[$0] }
    }

    /// The machines that are bound to no node, ascending. Costs as much as there are of them.
    public func unbound() -> [ObjectKey] { objects.unbound.sorted() }

    /// How many bindings the node of that name was ever given.
    public func allocationCounter(of node: String) -> UInt64 { allocationCounters[node] ?? 0 }

    /// By id.
    public var members: [Member] { memberTable.sorted }

    public func member(id: UInt64) -> Member? { memberTable[id] }
    public func member(key: PublicKey) -> Member? { memberTable[key: key] }
    public func member(name: String) -> Member? { memberTable[name: name] }

    /// The id that the next newcomer must have.
    public var nextMemberID: UInt64 { memberTable.nextID }

    /// The number of the last report that was taken from a member; its next one must be larger. 0 before the first.
    public func reportSequence(of member: UInt64) -> UInt64 { memberTable.reportSequence(of: member) }

    /// Whether the very log of the newcomer was admitted before, so that applying the join repeats its first answer and
    /// the membership change that carries it must change nothing.
    public func isRepeat(_ join: Join) -> Bool {
        // A join that is refused repeats nothing either.
        guard let ticket = tickets[join.ticketHash] else { return false }
        return (try? admission(of: join, before: ticket)) != nil
    }

    /// Whether there is a ticket whose secret has this hash. It may be used up, or expire any moment.
    public func hasTicket(hash: [UInt8]) -> Bool { tickets[hash] != nil }

    /// Why a join that a leader proposes now would be refused; nil if it would be taken.
    ///
    /// - Parameter stamp: What the leader would stamp it with.
    public func refusal(of join: Join, stamp: WallTime) -> Refusal? {
        do throws(Refusal) {
            _ = try redemption(of: join, stamp: stamp)
            return nil
        } catch {
            return error
        }
    }

    /// What a key may do: a user's granted role, `.node` for a member, nil for a stranger.
    public func role(of key: PublicKey) -> AccessRole? {
        access[key]?.role ?? (memberTable[key: key] == nil ? nil : .node)
    }

    /// Every user's key and role, ascending by key.
    public var accessEntries: [AccessEntry] { access.values.sorted { $0.key < $1.key } }

    /// The events that regard one object, or all of them; the one seen last comes last.
    public func events(for key: ObjectKey?) -> [EventRecord] { eventTable.records(for: key) }

    /// What is kept of a manifest set besides its object; nil if there is no such set.
    public func manifestSet(named name: String) -> SetRecord? { sets[name] }

    /// The name of the set that an object is a member of; nil if it is a member of none.
    public func manifestSet(of key: ObjectKey) -> String? { sets.owner(of: key) }

    /// The objects that are members of a set now, ascending.
    public func members(ofSet name: String) -> [ObjectKey] { sets.members(of: name) }

    /// What a kept revision of a set says, in the order of the keys.
    public func manifests(of revision: SetRevision) -> [KeptManifest] { sets.manifests(of: revision) }

    /// The kept first answer to a request, with empty keys in its results.
    public func answer(to request: RequestID) -> CommandOutcome? {
        requests[request]?.outcome(keys: nil, clusterID: clusterID)
    }

    /// The kept first answer to a write that is repeated.
    ///
    /// A write that carries the id of another one is refused.
    public func answer(to write: WriteCommand) -> CommandOutcome? {
        guard let kept = requests[write.request] else { return nil }
        guard kept.mutations == write.mutations.count else {
            return .refused([
                Refusal(
                    .conflict,
                    "request \(write.request) was a write of \(kept.mutations) objects and not of "
                        + "\(write.mutations.count): give every write an id of its own")
            ])
        }
        return kept.outcome(keys: write.mutations.map(\.key), clusterID: clusterID)
    }

    /// What happened after a revision. Events are no part of it.
    public func changes(after revision: UInt64) -> ChangesResult {
        changes(after: revision, atMost: .max)
    }

    /// The first changes after a revision, at most so many.
    public func changes(after revision: UInt64, atMost limit: Int) -> ChangesResult {
        feed.changes(after: revision, current: self.revision, atMost: limit)
    }

    /// The same cluster with its members and counters and the heads of its sets, and with no objects, events, answers,
    /// changes and manifests of revisions: what a reader may keep for long.
    public var withoutObjects: Fleet {
        var fleet = self
        fleet.objects = ObjectTable()
        fleet.eventTable = EventTable(bounds: bounds)
        fleet.sets = sets.withoutHistories
        fleet.requests = RequestWindow(floor: nil, bounds: bounds)
        fleet.feed = ChangeFeed(floor: revision, bounds: bounds)
        return fleet
    }
}
