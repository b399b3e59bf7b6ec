import Contract
import Fleet
import JSONText
import Primitives
import Testing

@testable import API

/// Every route against everybody who may call it. A route that is added needs a row here.
@Suite("The rights of every route")
struct RightsTests {
    /// Who calls.
    enum Caller: String, CaseIterable {
        case admin, `operator`, viewer, member, revoked, stranger

        var key: PublicKey {
            switch self {
            case .admin: Samples.admin
            case .member: Samples.key(200)
            case .viewer: Samples.viewer
            case .stranger: Samples.stranger
            case .operator: Samples.key(20)
            case .revoked: Samples.key(21)
            }
        }
    }

    private static let everybody = Set(Caller.allCases)
    private static let readers: Set<Caller> = [.admin, .operator, .viewer, .member]
    private static let writers: Set<Caller> = [.admin, .operator]
    private static let relayers: Set<Caller> = [.admin, .operator, .member]
    private static let administrators: Set<Caller> = [.admin]

    private static let object = "apis/blixard.dev/v1/namespaces/:namespace/:plural/:name"
    private static let machine = "blixard/v1/namespaces/:namespace/virtualmachines/:name"

    /// Who may call what; everybody else is refused.
    static let rights: [String: Set<Caller>] = [
        "GET version": everybody,
        "GET api": everybody,
        "GET apis": everybody,
        "GET apis/blixard.dev": everybody,
        "GET apis/blixard.dev/v1": everybody,
        "GET apis/blixard.dev/v1/:plural": readers,
        "POST apis/blixard.dev/v1/:plural": writers,
        "GET apis/blixard.dev/v1/namespaces/:namespace/:plural": readers,
        "POST apis/blixard.dev/v1/namespaces/:namespace/:plural": writers,
        "GET apis/blixard.dev/v1/:plural/:name": readers,
        "PUT apis/blixard.dev/v1/:plural/:name": writers,
        "PATCH apis/blixard.dev/v1/:plural/:name": writers,
        "DELETE apis/blixard.dev/v1/:plural/:name": writers,
        "GET \(object)": readers,
        "PUT \(object)": writers,
        "PATCH \(object)": writers,
        "DELETE \(object)": writers,
        "POST blixard/v1/apply": writers,
        "POST blixard/v1/delete": writers,
        "POST blixard/v1/plan": readers,
        "GET blixard/v1/sets/:name/revisions": readers,
        "GET blixard/v1/sets/:name/revisions/:number": readers,
        "GET blixard/v1/cluster": readers,
        "GET blixard/v1/observed": readers,
        "POST blixard/v1/shutdown": administrators,
        "GET \(machine)/log": readers,
        "POST \(machine)/restart": relayers, "POST \(machine)/start": relayers,
        "POST blixard/v1/gitrepositories/:name/reconcile": relayers,
        "POST blixard/v1/tickets": administrators,
        "POST blixard/v1/join": everybody,
        "POST blixard/v1/nodes/:name/remove": administrators,
        // No administrator sees a key.
        "GET blixard/v1/secrets-keys": [.member],
        "POST blixard/v1/secrets-keys": [.member],
        "POST blixard/v1/secrets-keys/rotate": administrators,
        "POST blixard/v1/namespaces/:namespace/secrets/:name/reveal": administrators,
        "GET blixard/v1/whoami": readers,
        "GET blixard/v1/grants": administrators,
        "POST blixard/v1/grants": administrators,
        "DELETE blixard/v1/grants/:key": administrators,
    ]

    /// A path of the route; what it names is of no kind that there is, or not there.
    static func path(_ route: APIRoute) -> String {
        "/"
            + route.path.split(separator: "/").map { part in
                switch part {
                case ":plural": route.path.contains("namespaces") ? "virtualmachines" : "nodes"
                case ":key": Samples.key(99).description
                case ":namespace": "default"
                case ":name": "absent"
                case ":number": "1"
                default: String(part)
                }
            }.joined(separator: "/")
    }

    @Test("Every route has a row, and every row is a route")
    func rows() {
        let routes = APIRoutes.all.map { "\($0.verb) \($0.path)" }
        #expect(Set(routes) == Set(Self.rights.keys))
        #expect(routes.count == Self.rights.count)
    }

    @Test("A route refuses everybody who has no right to it, and nobody else", arguments: Caller.allCases)
    func rights(_ caller: Caller) async throws {
        try await withServer { server, _ in
            let backend = server.backend
            backend.apply(.grant(key: Caller.operator.key, name: "o", role: .operator), author: Samples.admin)
            backend.apply(.grant(key: Caller.viewer.key, name: "v", role: .viewer), author: Samples.admin)
            backend.apply(.grant(key: Caller.revoked.key, name: "r", role: .admin), author: Samples.admin)
            backend.apply(.revoke(key: Caller.revoked.key), author: Samples.admin)
            server.connectAs(caller.key)
            let client = server.client()
            defer { client.close() }
            for route in APIRoutes.all {
                let name = "\(route.verb) \(route.path)"
                let before = backend.fleet
                let code = try await Self.code(client, route)
                guard route.path != "blixard/v1/join" else {
                    // Its own judgement is of the body, which is empty here.
                    #expect(code == 400, "\(caller) \(name)")
                    continue
                }
                let isAllowed = Self.rights[name]?.contains(caller) == true
                #expect((code != 403) == isAllowed, "\(caller) \(name) answers \(code)")
                if !isAllowed { #expect(backend.fleet.revision == before.revision, "\(caller) \(name)") }
            }
            // Nothing that was refused has had an effect.
            #expect(backend.with { $0.shutdowns.count } == (caller == .admin ? 1 : 0))
            if !Self.writers.contains(caller) { #expect(backend.with { $0.writes } == 0) }
        }
    }

    private static func code(_ client: APIClient, _ route: APIRoute) async throws -> Int {
        let method = route.verb
        let path = path(route)
        do throws(ClientFailure) {
            _ =
                method == "GET"
                ? try await client.get(path)
                : try await client.send(
                    method, path, body: nil,
                    contentType: method == "PATCH" ? MediaType.mergePatch : MediaType.json,
                    request: nil)
            return 200
        } catch {
            guard case .status(let status) = error else { throw error }
            return status.reason.code
        }
    }
}
