import Manifest
import Primitives

/// Every manifest set with its members and its history.
///
/// A manifest that stays the same from one revision to the next is kept once, under a number that both name. An object
/// is a member of at most one set, and the newest revision of that set names its manifest.
///
/// Invariant: `digest`, and the counts and bytes of the records, follow from the rest.
struct SetTable: Equatable, Sendable {
    var records: [String: SetRecord] = [:]
    /// The set of each member.
    var owners = ShardedTable<ObjectKey, String>()
    var manifests = ShardedTable<UInt64, KeptManifest>()
    /// The number of the next manifest that is kept.
    var nextManifest: UInt64 = 1
    /// The sum of the digests of members, manifests and revisions; what is small is hashed with the rest of the fleet.
    var digest: UInt64 = 0

    var isEmpty: Bool { records.isEmpty }
    /// Ascending.
    var names: [String] { records.keys.sortedByBytes() }

    subscript(name: String) -> SetRecord? { records[name] }

    /// The name of the set that an object is a member of.
    func owner(of key: ObjectKey) -> String? { owners[key] }

    /// Objects that are members of the set now, ascending.
    func members(of name: String) -> [ObjectKey] {
        guard let newest = records[name]?.newest else { return [] }
        return newest.manifests.compactMap { manifests[$0]?.key }.filter { owners[$0] == name }
    }

    /// The manifests of a revision, in the order of their keys.
    func manifests(of revision: SetRevision) -> [KeptManifest] { revision.manifests.compactMap { manifests[$0] } }

    /// Members and the newest revisions, without any manifest: what a reader may keep for long.
    var withoutHistories: SetTable {
        var table = self
        table.manifests = ShardedTable()
        for (name, record) in records {
            guard var newest = record.newest else { continue }
            newest.manifests = []
            table.records[name]?.revisions = [newest]
        }
        return table
    }

    // MARK: Changes

    /// Makes the set known, or changes how it is kept.
    mutating func keep(_ name: String, _ settings: SetSettings) {
        var record = records[name] ?? SetRecord(settings: settings)
        record.settings = settings
        records[name] = record
        trim(name)
    }

    /// Forgets a set with its history. Its members are members of none then.
    mutating func remove(_ name: String) {
        guard records[name] != nil else { return }
        for key in members(of: name) { release(key) }
        guard let record = records.removeValue(forKey: name) else { return }
        for revision in record.revisions {
            digest &-= Self.digest(of: revision, in: name)
            for number in revision.manifests { forgetManifest(number) }
        }
        // A snapshot of a fleet without sets says nothing of them, so that there is nothing to remember either.
        if records.isEmpty { nextManifest = 1 }
    }

    /// An object is a member of no set any more.
    mutating func release(_ key: ObjectKey) {
        guard let name = owners.removeValue(forKey: key) else { return }
        digest &-= Self.digest(of: key, in: name)
        records[name]?.memberCount -= 1
    }

    mutating func own(_ key: ObjectKey, by name: String) {
        if owners[key] == name { return }
        release(key)
        owners[key] = name
        digest &+= Self.digest(of: key, in: name)
        records[name]?.memberCount += 1
    }

    /// Whether a set's newest revision says exactly this, and all its members are.
    ///
    /// - Parameter puts: Ascending by key.
    func isNewest(_ puts: [Put], of name: String) -> Bool {
        guard let newest = records[name]?.newest, newest.manifests.count == puts.count else { return false }
        return zip(newest.manifests, puts).allSatisfy { number, put in
            guard let manifest = manifests[number] else { return false }
            return manifest.key == put.key && manifest.says(put)
                && (put.key.isManifestSet || owners[put.key] == name)
        }
    }

    /// Adds a revision, whose members the objects become, and drops what the history has no room for.
    ///
    /// - Parameter puts: Ascending by key; the ManifestSet's own among them is kept and no member.
    /// - Precondition: The set is known, and what is no member any more was released.
    mutating func add(_ puts: [Put], to name: String, _ make: (_ number: UInt64, _ manifests: [UInt64]) -> SetRevision)
    {
        guard let record = records[name] else { preconditionFailure("the set \"\(name)\" is not known") }
        var before: [ObjectKey: UInt64] = [:]
        for number in record.newest?.manifests ?? [] {
            if let manifest = manifests[number] { before[manifest.key] = number }
        }
        var bytes = record.manifestBytes
        var numbers: [UInt64] = []
        numbers.reserveCapacity(puts.count)
        for put in puts {
            if let number = before[put.key], manifests[number]?.says(put) == true {
                numbers.append(number)
            } else {
                let manifest = KeptManifest(put)
                bytes += manifest.bytes
                numbers.append(nextManifest)
                keepManifest(manifest, nextManifest)
                nextManifest += 1
            }
        }
        let revision = make(record.lastRevision + 1, numbers)
        digest &+= Self.digest(of: revision, in: name)
        records[name]?.revisions.append(revision)
        records[name]?.lastRevision = revision.number
        records[name]?.manifestBytes = bytes
        for put in puts where !put.key.isManifestSet { own(put.key, by: name) }
        trim(name)
    }

    /// Drops the oldest revisions that the set's limit or the bound of bytes leaves no room for.
    private mutating func trim(_ name: String) {
        while let record = records[name], record.revisions.count > 1 {
            let why: SetRecord.Forgetting
            if record.revisions.count > record.settings.revisionHistoryLimit {
                why = .limit
            } else if record.manifestBytes > Limits.setHistoryBytes {
                why = .bytes
            } else {
                return
            }
            dropOldest(of: name, record, why)
        }
    }

    private mutating func dropOldest(of name: String, _ record: SetRecord, _ why: SetRecord.Forgetting) {
        let oldest = record.revisions[0]
        // A manifest is named by revisions that follow each other, so one that the next one has not, no other has.
        let next = Set(record.revisions[1].manifests)
        var bytes = record.manifestBytes
        for number in oldest.manifests where !next.contains(number) { bytes -= forgetManifest(number) }
        digest &-= Self.digest(of: oldest, in: name)
        records[name]?.revisions.removeFirst()
        records[name]?.manifestBytes = bytes
        records[name]?.forgotten = (oldest.number, why)
    }

    mutating func keepManifest(_ manifest: KeptManifest, _ number: UInt64) {
        manifests[number] = manifest
        digest &+= Self.digest(of: manifest, number)
    }

    /// Answers the bytes that it had.
    @discardableResult
    mutating func forgetManifest(_ number: UInt64) -> Int {
        guard let manifest = manifests.removeValue(forKey: number) else { return 0 }
        digest &-= Self.digest(of: manifest, number)
        return manifest.bytes
    }
}

extension SetTable {
    private static func digest(of key: ObjectKey, in name: String) -> UInt64 {
        ContentDigest.of { writer in
            writer.write(key: key)
            writer.write(name)
        }
    }

    private static func digest(of manifest: KeptManifest, _ number: UInt64) -> UInt64 {
        ContentDigest.of { writer in
            writer.write(varint: number)
            manifest.encode(into: &writer)
        }
    }

    static func digest(of revision: SetRevision, in name: String) -> UInt64 {
        ContentDigest.of { writer in
            writer.write(name)
            revision.encode(into: &writer)
        }
    }
}
