import Primitives

/// The members, found by id, key and name; each of the three belongs to one member only.
struct MemberTable: Equatable, Sendable {
    private var byID: [UInt64: Member] = [:]
    private var idsByKey: [PublicKey: UInt64] = [:]
    private var idsByName: [String: UInt64] = [:]
    private var reportSequences: [UInt64: UInt64] = [:]
    /// Larger than every id that any member ever had.
    private(set) var nextID: UInt64 = 1

    /// By id.
    var sorted: [Member] { byID.values.sorted { $0.id < $1.id } }
    var count: Int { byID.count }

    subscript(id: UInt64) -> Member? { byID[id] }
    subscript(key key: PublicKey) -> Member? { idsByKey[key].flatMap { byID[$0] } }
    subscript(name name: String) -> Member? { idsByName[name].flatMap { byID[$0] } }

    /// The number of the last report that was taken from a member; 0 before the first.
    func reportSequence(of id: UInt64) -> UInt64 { reportSequences[id] ?? 0 }

    /// - Precondition: Id, key and name are free.
    mutating func add(_ member: Member) {
        precondition(
            byID[member.id] == nil && idsByKey[member.key] == nil && idsByName[member.name] == nil,
            "member \(member.id) \"\(member.name)\" with key \(member.key.short) is not new")
        byID[member.id] = member
        idsByKey[member.key] = member.id
        idsByName[member.name] = member.id
        nextID = max(nextID, member.id + 1)
    }

    /// Replaces what may change of a member.
    mutating func update(_ member: Member) {
        let old = byID.updateValue(member, forKey: member.id)
        precondition(
            old?.key == member.key && old?.name == member.name, "member \(member.id) can't change its key or name")
    }

    /// For a snapshot, which tells incarnations apart from the rest.
    mutating func setIncarnation(_ incarnation: UInt64, of id: UInt64) {
        byID[id]?.incarnation = incarnation
    }

    mutating func remove(_ id: UInt64) {
        guard let member = byID.removeValue(forKey: id) else { return }
        idsByKey[member.key] = nil
        idsByName[member.name] = nil
        reportSequences[id] = nil
    }

    mutating func setReportSequence(_ sequence: UInt64, of id: UInt64) {
        reportSequences[id] = sequence
    }
}

extension MemberTable {
    func encode(into writer: inout ByteWriter) {
        writer.write(varint: nextID)
        writer.write(list: sorted) { writer, member in
            member.encode(into: &writer)
            writer.write(varint: reportSequence(of: member.id))
        }
    }

    init(from reader: inout ByteReader) throws(DecodingFailure) {
        let start = reader.offset
        let next = try reader.readCounter()
        let count = try reader.readCount()
        for _ in 0..<count {
            let offset = reader.offset
            let member = try Member(from: &reader)
            guard member.id > 0, member.id < next, self[member.id] == nil, self[key: member.key] == nil,
                self[name: member.name] == nil
            else {
                throw DecodingFailure(.invalid("member \(member.id) \"\(member.name)\" is not new"), offset: offset)
            }
            add(member)
            let sequence = try reader.readVarint()
            if sequence > 0 { setReportSequence(sequence, of: member.id) }
        }
        guard next > 0 else { throw DecodingFailure(.invalid("0 is no member id"), offset: start) }
        nextID = next
    }
}

extension Member {
    /// Without the incarnation, which has a place of its own in a snapshot.
    func encode(into writer: inout ByteWriter) {
        writer.write(varint: id)
        writer.write(name)
        writer.write(publicKey: key)
        writer.write(list: addresses) { $0.write($1) }
        writer.write(role.rawValue)
        writer.write(time: joinedAt)
        writer.write(varint: UInt64(level))
    }

    init(from reader: inout ByteReader) throws(DecodingFailure) {
        id = try reader.readVarint()
        name = try reader.readString()
        key = try reader.readPublicKey()
        addresses = try reader.readList { reader throws(DecodingFailure) in try reader.readString() }
        role = try reader.readCase(Role.self)
        joinedAt = try reader.readTime()
        level = try reader.readUInt32()
        incarnation = 0
    }
}
