public import Fleet
import JSONText
public import Primitives

/// Who a member is, and where it can be reached.
public struct MemberContact: Equatable, Sendable {
    /// The Raft id, above 0 and never used again.
    public var id: UInt64
    public var name: String
    public var key: PublicKey
    /// `host:port` each.
    public var addresses: [String]

    public init(id: UInt64, name: String, key: PublicKey, addresses: [String]) {
        self.id = id
        self.name = name
        self.key = key
        self.addresses = addresses
    }

    public init(_ member: Member) {
        self.init(id: member.id, name: member.name, key: member.key, addresses: member.addresses)
    }

    init(reader: AnswerReader) throws(AnswerMismatch) {
        self.init(
            id: try reader.number("id", in: 1...UInt64(Int64.max)), name: try reader.text("name"),
            key: try reader.key("key"), addresses: try reader.texts("addresses"))
    }

    var json: JSON {
        [
            "id": .integer(Int64(clamping: id)), "name": .string(name), "key": .string(key.description),
            "addresses": .array(addresses.map { .string($0) }),
        ]
    }
}
