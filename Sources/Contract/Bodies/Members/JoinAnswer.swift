public import JSONText

/// The answer to `POST /blixard/v1/join`: what a newcomer learns when it is admitted.
public struct JoinAnswer: AnswerBody {
    public static let title = "the answer to a join"

    public var clusterID: String
    /// The newcomer's Raft id, above 0.
    public var id: UInt64
    /// The newcomer's name.
    public var name: String
    /// By id.
    public var members: [MemberContact]
    /// What seals values of Secrets; empty in the answer of a member that has none.
    public var secretsKeys: [SharedSecretsKey]

    public init(
        clusterID: String, id: UInt64, name: String, members: [MemberContact], secretsKeys: [SharedSecretsKey] = []
    ) {
        self.secretsKeys = secretsKeys
        self.clusterID = clusterID
        self.id = id
        self.name = name
        self.members = members
    }

    public init(_ reader: AnswerReader) throws(AnswerMismatch) {
        clusterID = try reader.text("clusterID")
        id = try reader.number("id", in: 1...UInt64(Int64.max))
        name = try reader.text("name")
        members = try reader.elements("members", MemberContact.init(reader:))
        // A member of an older program knows of no keys.
        let hasKeys = reader.value("secretsKeys") != nil
        secretsKeys = hasKeys ? try reader.elements("secretsKeys", SharedSecretsKey.init(reader:)) : []
    }

    public var json: JSON {
        [
            "clusterID": .string(clusterID), "id": .integer(Int64(clamping: id)), "name": .string(name),
            "members": .array(members.map(\.json)), "secretsKeys": .array(secretsKeys.map(\.json)),
        ]
    }
}
