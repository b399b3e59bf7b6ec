import Primitives

// The incarnations of members have a place of their own in a snapshot: a member's other fields had a form before there
// were any.
extension Fleet {
    /// Every member's that has one, ascending by id: those that are, and those that a ticket remembers.
    var incarnations: [(id: UInt64, incarnation: UInt64)] {
        var found: [UInt64: UInt64] = [:]
        for ticket in tickets.values {
            for member in ticket.redeemed.values { found[member.id] = member.incarnation }
        }
        for member in members { found[member.id] = member.incarnation }
        return found.filter { $0.value != 0 }.sorted { $0.key < $1.key }.map { (id: $0.key, incarnation: $0.value) }
    }

    func encode(_ incarnations: [(id: UInt64, incarnation: UInt64)], into writer: inout ByteWriter) {
        writer.write(list: incarnations) { writer, member in
            writer.write(varint: member.id)
            writer.write(varint: member.incarnation)
        }
    }

    /// - Parameter mayBeNone: Whether the snapshot has a form of its own for something else that comes later.
    mutating func decodeIncarnations(
        from reader: inout ByteReader, mayBeNone: Bool
    ) throws(DecodingFailure) {
        var known = Set(members.map(\.id))
        for ticket in tickets.values { known.formUnion(ticket.redeemed.values.map(\.id)) }
        var read: [UInt64: UInt64] = [:]
        var previous: UInt64 = 0
        for _ in 0..<(try reader.readCount()) {
            let offset = reader.offset
            let id = try reader.readVarint()
            let incarnation = try reader.readVarint()
            guard id > previous, incarnation != 0, known.contains(id) else {
                throw DecodingFailure(.invalid("incarnation \(incarnation) of member \(id)"), offset: offset)
            }
            read[id] = incarnation
            previous = id
        }
        guard !read.isEmpty || mayBeNone else {
            throw DecodingFailure(.invalid("a list of incarnations without any"), offset: reader.offset)
        }
        for (id, incarnation) in read { memberTable.setIncarnation(incarnation, of: id) }
        for (hash, ticket) in tickets {
            for (key, member) in ticket.redeemed {
                tickets[hash]?.redeemed[key]?.incarnation = read[member.id] ?? 0
            }
        }
    }
}
