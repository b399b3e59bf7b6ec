public import JSONText
public import Primitives

/// The body of `POST /blixard/v1/grants`: gives a user's key a role, in place of the one that it had.
public struct GrantRequest: RequestBody {
    public var key: PublicKey
    /// What lists call the user, 1 to 253 bytes; nil for the beginning of the key.
    public var name: String?
    public var role: UserRole

    public init(key: PublicKey, name: String?, role: UserRole) {
        self.key = key
        self.name = name
        self.role = role
    }

    private static let longestName = 253

    /// - Throws: 400 for a key that is none and for a member that is not known; 422 for a wrong role or name.
    public init(json: JSON) throws(APIStatus) {
        let body = try json.fields(["key", "name", "role"])
        key = try .required(body["key"]?.string)
        guard let role = body["role"]?.string.flatMap(UserRole.init(rawValue:)) else {
            let known = UserRole.allCases.reversed().map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
            throw APIStatus(.invalid, "role: Unsupported value: supported values: \(known)")
        }
        self.role = role
        guard let stated = body["name"] else { return }
        guard let name = stated.string, (1...Self.longestName).contains(name.utf8.count) else {
            throw APIStatus(.invalid, "name: must be a string of 1 to \(Self.longestName) bytes")
        }
        self.name = name
    }

    public var json: JSON {
        var json: JSON = ["key": .string(key.description), "role": .string(role.rawValue)]
        json["name"] = name.map { .string($0) }
        return json
    }
}
