import Manifest
import Primitives

// Sets in a snapshot: their heads, manifests by number, revisions of each set, and members with their sets.

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
        // Only what the newest revision of a set names can be a member of it.
        var named: [String: Set<ObjectKey>] = [:]
        for (name, record) in records {
            named[name] = Set(record.newest?.manifests.compactMap { manifests[$0]?.key } ?? [])
        }
        var previous: ObjectKey?
        for _ in 0..<(try reader.readCount()) {
            let offset = reader.offset
            let key = try reader.readKey()
            let name = try reader.readString()
            guard previous.map({ $0 < key }) ?? true, named[name]?.contains(key) == true, object(key) != nil else {
                throw DecodingFailure(.invalid("\(key.quoted) as a member of \"\(name)\""), offset: offset)
            }
            own(key, by: name)
            previous = key
        }
    }
}
