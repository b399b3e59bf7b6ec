public import JSONText
public import Primitives

/// The answer to `GET /blixard/v1/whoami`: who the caller is to the cluster.
public struct WhoAmI: AnswerBody {
    public static let title = "the answer to whoami"

    /// That the caller has proved to own.
    public var key: PublicKey
    /// What lists call the user, or the node.
    public var name: String
    /// A user's role, or `node`. A newer server may know more roles than this program.
    public var role: String
    /// What the role may do, each in the word of a ``CallerRight``; words that are not known here are kept.
    public var rights: [String]

    public init(key: PublicKey, name: String, role: String, rights: [String]) {
        self.key = key
        self.name = name
        self.role = role
        self.rights = rights
    }

    public init(_ reader: AnswerReader) throws(AnswerMismatch) {
        key = try reader.key("key")
        name = try reader.text("name")
        role = try reader.text("role")
        rights = try reader.texts("rights")
    }

    public var json: JSON {
        [
            "key": .string(key.description), "name": .string(name), "role": .string(role),
            "rights": .array(rights.map { .string($0) }),
        ]
    }

    public func may(_ right: CallerRight) -> Bool { rights.contains { $0.hasSameBytes(as: right.rawValue) } }
}

/// What a caller may do, as the routes of the API ask for it.
public enum CallerRight: String, CaseIterable, Sendable {
    case read
    case write
    /// To change who may do what, and which nodes belong to the cluster.
    case administer
    /// What members ask of each other for their users, such as to start a machine.
    case relay
}
