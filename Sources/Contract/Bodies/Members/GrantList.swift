public import JSONText
public import Primitives

/// A user's key and what it may do.
public struct Grant: Equatable, Sendable {
    public var key: PublicKey
    /// For people; not unique.
    public var name: String
    public var role: UserRole

    public init(key: PublicKey, name: String, role: UserRole) {
        self.key = key
        self.name = name
        self.role = role
    }

    init(reader: AnswerReader) throws(AnswerMismatch) {
        key = try reader.key("key")
        name = try reader.text("name")
        guard let role = UserRole(rawValue: try reader.text("role")) else {
            throw reader.mismatch("role", "one of " + UserRole.allCases.map(\.rawValue).joined(separator: ", "))
        }
        self.role = role
    }

    var json: JSON {
        ["key": .string(key.description), "name": .string(name), "role": .string(role.rawValue)]
    }
}

/// The answer to `GET /blixard/v1/grants`: every user's key.
public struct GrantList: AnswerBody {
    public static let title = "the list of grants"

    public var grants: [Grant]
    /// The fleet's.
    public var revision: UInt64

    public init(grants: [Grant], revision: UInt64) {
        self.grants = grants
        self.revision = revision
    }

    public init(_ reader: AnswerReader) throws(AnswerMismatch) {
        grants = try reader.elements("grants", Grant.init(reader:))
        revision = try reader.revision("revision")
    }

    public var json: JSON {
        ["grants": .array(grants.map(\.json)), "revision": .string(String(revision))]
    }
}

/// The answer to `POST /blixard/v1/grants`.
public struct GrantAnswer: AnswerBody {
    public static let title = "the answer to a grant"

    public var grant: Grant
    /// The fleet's.
    public var revision: UInt64

    public init(grant: Grant, revision: UInt64) {
        self.grant = grant
        self.revision = revision
    }

    public init(_ reader: AnswerReader) throws(AnswerMismatch) {
        grant = try Grant(reader: reader)
        revision = try reader.revision("revision")
    }

    public var json: JSON {
        var json = grant.json
        json["revision"] = .string(String(revision))
        return json
    }
}

/// The answer to `DELETE /blixard/v1/grants/KEY`.
public struct RevocationAnswer: AnswerBody {
    public static let title = "the answer to a revocation"

    public var key: PublicKey
    /// The fleet's.
    public var revision: UInt64

    public init(key: PublicKey, revision: UInt64) {
        self.key = key
        self.revision = revision
    }

    public init(_ reader: AnswerReader) throws(AnswerMismatch) {
        key = try reader.key("key")
        revision = try reader.revision("revision")
    }

    public var json: JSON { ["key": .string(key.description), "revision": .string(String(revision))] }
}
