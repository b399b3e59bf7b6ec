import Manifest
import Primitives

/// Every manifest set with its members and its history.
///
/// A manifest that stays the same from one revision to the next is kept once, under a number that both name. An object
/// is a member of at most one set, and the newest revision of that set names its manifest.
struct SetTable: Equatable, Sendable {
    private(set) var records: [String: SetRecord] = [:]
    /// The set of each member.
    private var owners = ShardedTable<ObjectKey, String>()
    private var manifests = ShardedTable<UInt64, KeptManifest>()
    /// The number of the next manifest that is kept.
    private(set) var nextManifest: UInt64 = 1
    /// The sum of the digests of members, manifests and revisions; what is small is hashed with the rest of the fleet.
    private(set) var digest: UInt64 = 0

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
    }

    /// An object is a member of no set any more.
    mutating func release(_ key: ObjectKey) {
        guard let name = owners.removeValue(forKey: key) else { return }
        digest &-= Self.digest(of: key, in: name)
        records[name]?.memberCount -= 1
    }

    private mutating func own(_ key: ObjectKey, by name: String) {
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

    private mutating func keepManifest(_ manifest: KeptManifest, _ number: UInt64) {
        manifests[number] = manifest
        digest &+= Self.digest(of: manifest, number)
    }

    /// Answers the bytes that it had.
    @discardableResult
    private mutating func forgetManifest(_ number: UInt64) -> Int {
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

    private static func digest(of revision: SetRevision, in name: String) -> UInt64 {
        ContentDigest.of { writer in
            writer.write(name)
            revision.encode(into: &writer)
        }
    }
}

// MARK: Snapshots

extension SetTable {
    /// What is small enough to be hashed anew each time: names, settings and bounds.
    func encodeHeads(into writer: inout ByteWriter) {
        writer.write(varint: nextManifest)
        writer.write(list: names) { writer, name in
            guard let record = records[name] else { return }
            writer.write(name)
            writer.write(varint: record.settings.prune ? 1 : 0)
            writer.write(varint: record.settings.maxPrunePercent)
            writer.write(varint: record.settings.revisionHistoryLimit)
            writer.write(varint: record.lastRevision)
            writer.write(optional: record.forgotten) { writer, forgotten in
                writer.write(varint: forgotten.through)
                writer.write(forgotten.why.rawValue)
            }
        }
    }

    func encode(into writer: inout ByteWriter) {
        encodeHeads(into: &writer)
        writer.write(list: manifests.keys.sorted()) { writer, number in
            writer.write(varint: number)
            manifests[number]?.encode(into: &writer)
        }
        for name in names {
            writer.write(list: records[name]?.revisions ?? []) { $1.encode(into: &$0) }
        }
        writer.write(list: owners.keys.sorted()) { writer, key in
            writer.write(key: key)
            writer.write(owners[key] ?? "")
        }
    }

    /// - Parameter object: The object of a key, whose spec is shared with a manifest that says the same.
    init(
        from reader: inout ByteReader, object: (ObjectKey) -> FleetObject?
    ) throws(DecodingFailure) {
        let heads = try readHeads(&reader)
        try readManifests(&reader, object: object)
        for name in heads { try readRevisions(of: name, &reader) }
        try readOwners(&reader, object: object)
        for name in names where records[name]?.newest == nil {
            guard records[name]?.lastRevision == 0 else {
                throw DecodingFailure(
                    .invalid("the set \"\(name)\" without its newest revision"), offset: reader.offset)
            }
        }
    }

    private mutating func readHeads(_ reader: inout ByteReader) throws(DecodingFailure) -> [String] {
        nextManifest = try reader.readCounter()
        var heads: [String] = []
        for _ in 0..<(try reader.readCount()) {
            let offset = reader.offset
            let name = try reader.readString()
            let prune = try reader.readCounter()
            let settings = SetSettings(
                prune: prune == 1, maxPrunePercent: Int(try reader.readCounter()),
                revisionHistoryLimit: Int(try reader.readCounter()))
            var record = SetRecord(settings: settings)
            record.lastRevision = try reader.readCounter()
            record.forgotten = try reader.readOptional { reader throws(DecodingFailure) in
                (through: try reader.readCounter(), why: try reader.readCase(SetRecord.Forgetting.self))
            }
            guard prune <= 1, settings.problem == nil, heads.last.map({ $0.precedesByBytes(name) }) ?? true,
                records.updateValue(record, forKey: name) == nil
            else { throw DecodingFailure(.invalid("the set \"\(name)\""), offset: offset) }
            heads.append(name)
        }
        return heads
    }

    private mutating func readManifests(
        _ reader: inout ByteReader, object: (ObjectKey) -> FleetObject?
    ) throws(DecodingFailure) {
        var previous: UInt64 = 0
        for _ in 0..<(try reader.readCount()) {
            let offset = reader.offset
            let number = try reader.readCounter()
            var manifest = try KeptManifest(from: &reader)
            guard number > previous, number < nextManifest else {
                throw DecodingFailure(.invalid("manifest \(number) after \(previous)"), offset: offset)
            }
            // One copy of the bytes instead of two.
            if let object = object(manifest.key), object.spec == manifest.spec { manifest.spec = object.spec }
            keepManifest(manifest, number)
            previous = number
        }
    }

    private mutating func readRevisions(of name: String, _ reader: inout ByteReader) throws(DecodingFailure) {
        var named: Set<UInt64> = []
        let offset = reader.offset
        for _ in 0..<(try reader.readCount()) {
            let revision = try SetRevision(from: &reader)
            let last = records[name]?.lastRevision ?? 0
            var previous: ObjectKey?
            for number in revision.manifests {
                guard let manifest = manifests[number], previous.map({ $0 < manifest.key }) ?? true else {
                    throw DecodingFailure(.invalid("manifest \(number) of revision \(revision.number)"), offset: offset)
                }
                previous = manifest.key
                if named.insert(number).inserted { records[name]?.manifestBytes += manifest.bytes }
            }
            guard revision.number <= last, revision.number > records[name]?.newest?.number ?? 0 else {
                throw DecodingFailure(.invalid("revision \(revision.number) of the set \"\(name)\""), offset: offset)
            }
            digest &+= Self.digest(of: revision, in: name)
            records[name]?.revisions.append(revision)
        }
    }

    private mutating func readOwners(
        _ reader: inout ByteReader, object: (ObjectKey) -> FleetObject?
    ) throws(DecodingFailure) {
        var previous: ObjectKey?
        for _ in 0..<(try reader.readCount()) {
            let offset = reader.offset
            let key = try reader.readKey()
            let name = try reader.readString()
            guard previous.map({ $0 < key }) ?? true, records[name] != nil, object(key) != nil else {
                throw DecodingFailure(.invalid("\(key.quoted) as a member of \"\(name)\""), offset: offset)
            }
            own(key, by: name)
            previous = key
        }
    }
}
