import Manifest
public import Primitives

// A snapshot is one byte of format version and then, in this order, the scalars, members, users, tickets, allocation
// counters, objects, events, removed objects whose events are kept, and answered requests. Everything is sorted, so
// equal fleets have equal snapshots.

// Version 2 goes on with the names that tickets are for, version 3 with these and with the incarnations of members,
// version 4 with all of these and the manifest sets, version 5 with all of these and the key for secrets. Each is written only if there is something to say in it.

private let formatVersion: UInt8 = 1
private let formatVersionWithTicketNames: UInt8 = 2
private let formatVersionWithIncarnations: UInt8 = 3
private let formatVersionWithSets: UInt8 = 4
private let formatVersionWithSecrets: UInt8 = 5

extension Fleet {
    /// Everything but the feed; equal fleets give equal bytes.
    public func encodeSnapshot() -> [UInt8] {
        var writer = ByteWriter(capacity: 4096 + objects.count * 1024)
        let incarnations = incarnations
        let version =
            if secretsKey != nil {
                formatVersionWithSecrets
            } else if !sets.isEmpty {
                formatVersionWithSets
            } else if !incarnations.isEmpty {
                formatVersionWithIncarnations
            } else if hasTicketNames { formatVersionWithTicketNames } else { formatVersion }
        writer.write(version)
        encodeCore(into: &writer)
        writer.write(varint: objects.count)
        for key in objects.sortedKeys { objects[key]?.encode(into: &writer) }
        writer.write(list: eventTable.records(for: nil)) { $1.encode(into: &$0) }
        encodeDeparted(into: &writer)
        writer.write(optional: requests.floor) { $0.write(varint: $1) }
        writer.write(list: requests.entries) { writer, entry in
            writer.write(request: entry.request)
            entry.answer.encode(into: &writer)
        }
        if version >= formatVersionWithTicketNames { encodeTicketNames(into: &writer) }
        if version >= formatVersionWithIncarnations { encode(incarnations, into: &writer) }
        if version >= formatVersionWithSets { sets.encode(into: &writer) }
        if let secretsKey { encode(secretsKey, into: &writer) }
        return writer.bytes
    }

    /// Restores what ``encodeSnapshot()`` wrote. The feed is empty then: older cursors are expired.
    ///
    /// - Throws: For bytes that no snapshot has, and for an unknown format version.
    public init(snapshot: [UInt8]) throws(DecodingFailure) {
        try self.init(snapshot: snapshot, bounds: .standard)
    }

    /// The same, with other bounds than ``FleetBounds/standard``.
    ///
    /// - Throws: As ``init(snapshot:)``.
    package init(snapshot: [UInt8], bounds: FleetBounds) throws(DecodingFailure) {
        self.init(bounds: bounds)
        var reader = ByteReader(snapshot)
        let version = try reader.readByte()
        guard (formatVersion...formatVersionWithSecrets).contains(version) else {
            throw DecodingFailure(.unknownVersion(UInt64(version)), offset: 0)
        }
        try decodeCore(from: &reader)
        try decodeObjects(from: &reader)
        try decodeEvents(from: &reader)
        try decodeRequests(from: &reader)
        if version >= formatVersionWithTicketNames { try decodeTicketNames(from: &reader) }
        if version >= formatVersionWithIncarnations {
            try decodeIncarnations(from: &reader, mayBeNone: version >= formatVersionWithSets)
        }
        if version >= formatVersionWithSets { sets = try SetTable(from: &reader) { objects[$0] } }
        if version >= formatVersionWithSecrets { try decodeSecretsKey(from: &reader) }
        try reader.finish()
        feed = ChangeFeed(floor: revision, bounds: bounds)
    }

    /// What is small enough to be hashed anew each time.
    func encodeCore(into writer: inout ByteWriter) {
        writer.write(clusterID)
        writer.write(varint: UInt64(level))
        writer.write(time: time)
        writer.write(varint: revision)
        writer.write(varint: appliedIndex)
        memberTable.encode(into: &writer)
        writer.write(list: accessEntries) { writer, entry in
            writer.write(publicKey: entry.key)
            writer.write(entry.name)
            writer.write(entry.role.rawValue)
        }
        let hashes = tickets.keys.sorted { $0.lexicographicallyPrecedes($1) }
        writer.write(list: hashes) { tickets[$1]?.encode(into: &$0) }
        writer.write(list: allocationCounters.keys.sortedByBytes()) { writer, node in
            writer.write(node)
            writer.write(varint: allocationCounter(of: node))
        }
    }

    func encode(_ key: SecretsKey, into writer: inout ByteWriter) {
        writer.write(varint: UInt64(key.version))
        writer.write(raw: key.fingerprint)
    }

    var hasTicketNames: Bool { tickets.values.contains { $0.nodeName != nil } }

    func encodeTicketNames(into writer: inout ByteWriter) {
        let named = tickets.values.filter { $0.nodeName != nil }
            .sorted { $0.secretHash.lexicographicallyPrecedes($1.secretHash) }
        writer.write(list: named) { writer, ticket in
            writer.write(raw: ticket.secretHash)
            writer.write(ticket.nodeName ?? "")
        }
    }

    func encodeDeparted(into writer: inout ByteWriter) {
        writer.write(list: eventTable.departed.elements) { writer, departed in
            writer.write(key: departed.key)
            writer.write(uid: departed.uid)
        }
    }
}
