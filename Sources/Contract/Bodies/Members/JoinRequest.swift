public import JSONText
public import Primitives

/// The body of `POST /blixard/v1/join`: a newcomer redeems its ticket.
///
/// Unlike other requests it is read with members that are not known, so that a newer newcomer may say more of itself.
public struct JoinRequest: RequestBody {
    /// Of the ticket; never empty.
    public var secret: [UInt8]
    /// The newcomer's own.
    public var key: PublicKey
    /// Where the newcomer can be reached; `JoinRules` judges them.
    public var addresses: [String]
    /// The name that the newcomer wishes; nil for any. `JoinRules` judges it.
    public var name: String?
    /// Of the newcomer's program, for people; nil where it is not said.
    public var version: String?
    /// Of the newcomer's log, above 0: only the same one gets the first answer again.
    public var incarnation: UInt64

    public init(
        secret: [UInt8], key: PublicKey, addresses: [String], name: String?, version: String?, incarnation: UInt64
    ) {
        self.secret = secret
        self.key = key
        self.addresses = addresses
        self.name = name
        self.version = version
        self.incarnation = incarnation
    }

    /// - Throws: 400 for a member that is missing or wrong; one that is not known is passed over.
    public init(json: JSON) throws(APIStatus) {
        guard let secret = json["secret"]?.string.flatMap({ Hex.decode($0) }), !secret.isEmpty else {
            throw APIStatus(.badRequest, "secret: must be the hexadecimal secret of a ticket")
        }
        self.secret = secret
        key = try .required(json["key"]?.string)
        let listed = json["addresses"]?.array ?? []
        addresses = listed.compactMap(\.string)
        guard addresses.count == listed.count else {
            throw APIStatus(.badRequest, "addresses: must be an array of texts, each host:port")
        }
        name = try json.text("name")
        version = json["version"]?.string
        guard let incarnation = json["incarnation"]?.string.flatMap({ UInt64($0) }), incarnation > 0 else {
            throw APIStatus(
                .badRequest, "incarnation: must be the number of the newcomer's log; is its program an older one?")
        }
        self.incarnation = incarnation
    }

    public var json: JSON {
        var json: JSON = [
            "secret": .string(Hex.encode(secret)), "key": .string(key.description),
            "addresses": .array(addresses.map { .string($0) }),
        ]
        json["version"] = version.map { .string($0) }
        json["incarnation"] = .string(String(incarnation))
        json["name"] = name.map { .string($0) }
        return json
    }
}

extension PublicKey {
    /// The key that a request names in 64 hexadecimal digits.
    ///
    /// - Throws: 400 for anything else.
    public static func required(_ text: String?) throws(APIStatus) -> PublicKey {
        guard let text, let key = PublicKey(hex: text) else {
            throw APIStatus(.badRequest, "key: must be 64 hexadecimal digits")
        }
        return key
    }
}
