import Contract
import Fleet
import Hummingbird
import JSONText
import Primitives

// Who may do what. None of these is kept under its request's id: whoever lost an answer looks at what is there.
extension APIRoutes {
    private static let roles: [(word: String, role: AccessRole)] = [
        ("admin", .admin), ("operator", .operator), ("viewer", .viewer),
    ]

    private static let longestName = 253

    /// Every user's key, name and role.
    func grants(_ request: Request, _ context: APIContext) async throws -> Response {
        let fleet = try await backend.view(.linearizable).fleet
        let grants = fleet.accessEntries.compactMap { entry in
            Self.roles.first { $0.role == entry.role }.map {
                Self.json(key: entry.key, name: entry.name, role: $0.word)
            }
        }
        return .json(["grants": .array(grants), "revision": .string(String(fleet.revision))])
    }

    /// Gives a user's key a role, in place of the one it had.
    func grant(_ request: Request, _ context: APIContext) async throws -> Response {
        let body = try await body(request, context, largest: limits.smallBodyBytes).fields(["key", "name", "role"])
        let key = try Self.key(body["key"]?.string)
        guard let word = body["role"]?.string, let role = Self.roles.first(where: { $0.word == word })?.role else {
            let known = Self.roles.map { "\"\($0.word)\"" }.joined(separator: ", ")
            throw APIStatus(.invalid, "role: Unsupported value: supported values: \(known)")
        }
        let name =
            try body["name"].map { (value) throws(APIStatus) in
                guard let name = value.string, (1...Self.longestName).contains(name.utf8.count) else {
                    throw APIStatus(.invalid, "name: must be a string of 1 to \(Self.longestName) bytes")
                }
                return name
            } ?? key.short
        let revision = try await propose(.grant(key: key, name: name, role: role), request, body: body, context)
        var answer = Self.json(key: key, name: name, role: word)
        answer["revision"] = .string(String(revision))
        return .json(answer)
    }

    /// Takes a user's role away; every node then closes the key's connections.
    func revoke(_ request: Request, _ context: APIContext) async throws -> Response {
        let key = try Self.key(context.parameters.get("key"))
        let revision = try await propose(.revoke(key: key), request, body: .null, context)
        return .json(["key": .string(key.description), "revision": .string(String(revision))])
    }

    private static func key(_ text: String?) throws(APIStatus) -> PublicKey {
        guard let text, let key = PublicKey(hex: text) else {
            throw APIStatus(.badRequest, "key: must be 64 hexadecimal digits")
        }
        return key
    }

    private static func json(key: PublicKey, name: String, role: String) -> JSON {
        ["key": .string(key.description), "name": .string(name), "role": .string(role)]
    }
}
