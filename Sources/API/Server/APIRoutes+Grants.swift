import Contract
import Fleet
import Hummingbird
import JSONText
import Primitives

// Who may do what. None of these is kept under its request's id: a client that lost an answer looks at what is there.
extension APIRoutes {
    /// Every user's key, name and role.
    func grants(_ request: Request, _ context: APIContext) async throws -> Response {
        let fleet = try await backend.view(.linearizable).fleet
        let grants = fleet.accessEntries.compactMap { entry in
            UserRole(entry.role).map { Grant(key: entry.key, name: entry.name, role: $0) }
        }
        return .json(GrantList(grants: grants, revision: fleet.revision))
    }

    /// Gives a user's key a role, in place of the one it had.
    func grant(_ request: Request, _ context: APIContext) async throws -> Response {
        let json = try await body(request, context, largest: limits.smallBodyBytes)
        let body = try GrantRequest(json: json)
        let grant = Grant(key: body.key, name: body.name ?? body.key.short, role: body.role)
        let command = Command.grant(key: grant.key, name: grant.name, role: grant.role.accessRole)
        let revision = try await propose(command, request, body: json, context)
        return .json(GrantAnswer(grant: grant, revision: revision))
    }

    /// Takes a user's role away; every node then closes the key's connections.
    func revoke(_ request: Request, _ context: APIContext) async throws -> Response {
        let key = try PublicKey.required(context.value(of: .key))
        let revision = try await propose(.revoke(key: key), request, body: .null, context)
        return .json(RevocationAnswer(key: key, revision: revision))
    }
}
