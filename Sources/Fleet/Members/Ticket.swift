import Primitives

/// A ticket, and who has redeemed it.
struct Ticket: Equatable, Sendable {
    /// SHA-256 of the secret.
    var secretHash: [UInt8]
    var expiresAt: WallTime
    var uses: Int
    /// See ``TicketGrant/nodeName``.
    var nodeName: String?
    /// The members as they were admitted, by key: the first answer to a key that redeems again.
    var redeemed: [PublicKey: Member] = [:]

    func encode(into writer: inout ByteWriter) {
        writer.write(raw: secretHash)
        writer.write(time: expiresAt)
        writer.write(varint: uses)
        writer.write(list: redeemed.values.sorted { $0.id < $1.id }) { $1.encode(into: &$0) }
    }

    init(_ grant: TicketGrant) {
        secretHash = grant.secretHash
        expiresAt = grant.expiresAt
        uses = grant.uses
        nodeName = grant.nodeName
    }

    init(from reader: inout ByteReader) throws(DecodingFailure) {
        secretHash = try reader.readRaw(32)
        expiresAt = try reader.readTime()
        let start = reader.offset
        let uses = try reader.readVarint()
        guard uses > 0, uses <= UInt64(Int.max) else {
            throw DecodingFailure(.invalid("a ticket of \(uses) uses"), offset: start)
        }
        self.uses = Int(uses)
        let members = try reader.readList { reader throws(DecodingFailure) in try Member(from: &reader) }
        for member in members {
            guard redeemed.updateValue(member, forKey: member.key) == nil else {
                throw DecodingFailure(.invalid("key \(member.key.short) redeemed a ticket twice"), offset: start)
            }
        }
    }
}
