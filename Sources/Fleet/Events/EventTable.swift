import Manifest
import Primitives

/// The events that are kept: a few for each object, a bounded number in all, the oldest go first.
struct EventTable: Equatable, Sendable {
    private struct Place: Equatable, Sendable {
        var revision: UInt64
        var key: ObjectKey
    }

    /// An object that is gone, and whose events will be.
    struct Departed: Equatable, Sendable {
        var key: ObjectKey
        var uid: UID
    }

    /// For each object oldest first, by ``EventRecord/revision``; never an empty list.
    private var byObject = ShardedTable<ObjectKey, [EventRecord]>()
    /// All records by revision, mixed with places of records that were seen again or dropped since. Derived.
    private var order = Queue<Place>()
    private(set) var departed = Queue<Departed>()
    private(set) var count = 0
    /// The sum of all records' digests.
    private(set) var digest: UInt64 = 0
    private let bounds: FleetBounds

    init(bounds: FleetBounds) {
        self.bounds = bounds
    }

    /// What regards one object, or everything; oldest first.
    func records(for key: ObjectKey?) -> [EventRecord] {
        if let key { return byObject[key] ?? [] }
        return byObject.values.joined().sorted { $0.revision < $1.revision }
    }

    /// Keeps an event, or counts it if the same was seen before.
    mutating func record(_ draft: EventDraft, time: WallTime, revision: UInt64) {
        let reason = draft.reason.cut(toBytes: Limits.eventWordBytes)
        let message = draft.message.cut(toBytes: Limits.eventMessageBytes)
        let source = draft.source.cut(toBytes: Limits.eventWordBytes)
        var records = byObject[draft.regarding] ?? []
        var record = EventRecord(
            regarding: draft.regarding, uid: draft.uid, type: draft.type, reason: reason, message: message,
            source: source, firstSeen: time, lastSeen: time, count: 1, firstRevision: revision, revision: revision)
        if let same = records.firstIndex(where: { $0.tellsTheSame(as: record) }) {
            let old = records.remove(at: same)
            forget(old)
            record.firstSeen = old.firstSeen
            record.firstRevision = old.firstRevision
            record.count = old.count < Int.max ? old.count + 1 : old.count
        } else if records.count >= bounds.eventsPerObject {
            forget(records.removeFirst())
        }
        records.append(record)
        byObject[draft.regarding] = records
        keep(record)
        dropOldest()
    }

    /// Keeps the events of a removed object until enough others have gone after it.
    mutating func objectRemoved(_ key: ObjectKey, uid: UID) {
        departed.append(Departed(key: key, uid: uid))
        guard departed.count > bounds.departedObjects, let oldest = departed.popFirst() else { return }
        guard var records = byObject[oldest.key] else { return }
        for record in records where record.uid == oldest.uid { forget(record) }
        records.removeAll { $0.uid == oldest.uid }
        byObject[oldest.key] = records.isEmpty ? nil : records
    }

    private mutating func keep(_ record: EventRecord) {
        count += 1
        digest &+= record.digest
        order.append(Place(revision: record.revision, key: record.regarding))
    }

    private mutating func forget(_ record: EventRecord) {
        count -= 1
        digest &-= record.digest
    }

    private mutating func dropOldest() {
        while count > bounds.events, let place = order.popFirst() {
            guard var records = byObject[place.key], records[0].revision == place.revision else { continue }
            forget(records.removeFirst())
            byObject[place.key] = records.isEmpty ? nil : records
        }
        guard order.count > 2 * count + 64 else { return }
        let byObject = byObject
        order.removeAll { place in
            byObject[place.key]?.contains { $0.revision == place.revision } != true
        }
    }
}

extension EventTable {
    /// Restores what ``records(for:)`` and ``departed`` gave.
    ///
    /// - Parameter records: Ascending by revision.
    init(records: [EventRecord], departed: [Departed], bounds: FleetBounds) {
        self.init(bounds: bounds)
        for record in records {
            byObject[record.regarding] = (byObject[record.regarding] ?? []) + [record]
            keep(record)
        }
        self.departed = Queue(departed)
    }

    static func == (left: EventTable, right: EventTable) -> Bool {
        left.byObject == right.byObject && left.departed == right.departed
    }
}

extension EventRecord {
    fileprivate func tellsTheSame(as other: EventRecord) -> Bool {
        type == other.type && uid == other.uid && reason.hasSameBytes(as: other.reason)
            && message.hasSameBytes(as: other.message)
    }
}

extension String {
    /// At most so many bytes of UTF-8, whole scalars only.
    fileprivate func cut(toBytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var kept = String.UnicodeScalarView()
        var bytes = 0
        for scalar in unicodeScalars {
            bytes += UTF8.width(scalar)
            if bytes > limit { break }
            kept.append(scalar)
        }
        return String(kept)
    }
}
