import Hummingbird
import JSONText

extension APIRoutes {
    /// Every route there is. The router is built from it, and who may use a route stands here and nowhere else.
    static let all = discoveryRoutes + objectRoutes + setRoutes + clusterRoutes + machineRoutes + memberRoutes

    /// Discovery tells nothing of the cluster, and a caller who is refused should be told so at a resource, where
    /// kubectl shows the reason.
    private static let discoveryRoutes = [
        APIRoute(.get, "version", .everyKey) { routes, _, _ in
            .json(Discovery.version(program: routes.backend.localNode.version))
        },
        APIRoute(.get, "api", .everyKey) { _, request, _ in
            discovery(request, plain: Discovery.coreVersions, aggregated: Discovery.aggregatedCore)
        },
        APIRoute(.get, "apis", .everyKey) { _, request, _ in
            discovery(request, plain: Discovery.groups, aggregated: Discovery.aggregatedGroups)
        },
        APIRoute(.get, "apis/blixard.dev", .everyKey) { _, _, _ in .json(Discovery.group) },
        APIRoute(.get, "apis/blixard.dev/v1", .everyKey) { _, _, _ in .json(Discovery.resources) },
    ]

    private static let objectRoutes =
        ["apis/blixard.dev/v1/:plural", "apis/blixard.dev/v1/namespaces/:namespace/:plural"].flatMap { path in
            [
                APIRoute(.get, path, .role(.read)) { try await $0.list($1, $2) },
                APIRoute(.post, path, .role(.write)) { try await $0.create($1, $2) },
            ]
        }
        + ["apis/blixard.dev/v1/:plural/:name", "apis/blixard.dev/v1/namespaces/:namespace/:plural/:name"]
        .flatMap { path in
            [
                APIRoute(.get, path, .role(.read)) { try await $0.get($1, $2) },
                APIRoute(.put, path, .role(.write)) { try await $0.replace($1, $2) },
                APIRoute(.patch, path, .role(.write)) { try await $0.patch($1, $2) },
                APIRoute(.delete, path, .role(.write)) { try await $0.delete($1, $2) },
            ]
        }

    private static let setRoutes = [
        APIRoute(.post, "blixard/v1/apply", .role(.write)) { try await $0.apply($1, $2) },
        APIRoute(.post, "blixard/v1/delete", .role(.write)) { try await $0.deleteSet($1, $2) },
        APIRoute(.post, "blixard/v1/plan", .role(.read)) { try await $0.plan($1, $2) },
    ]

    private static let clusterRoutes = [
        APIRoute(.get, "blixard/v1/cluster", .role(.read)) { try await $0.cluster($1, $2) },
        APIRoute(.get, "blixard/v1/observed", .role(.read)) { try await $0.observed($1, $2) },
        // Who ends nodes takes the cluster's quorum away.
        APIRoute(.post, "blixard/v1/shutdown", .role(.administer)) { try await $0.shutdown($1, $2) },
    ]

    private static let machineRoutes =
        [
            APIRoute(.get, "\(machine)/log", .role(.read)) { try await $0.log($1, $2) }
        ]
        + MachineVerb.allCases.map { verb in
            APIRoute(.post, "\(machine)/\(verb.rawValue)", .role(.relay)) { try await $0.perform(verb, $1, $2) }
        }

    private static let machine = "blixard/v1/namespaces/:namespace/virtualmachines/:name"

    private static let memberRoutes = [
        // A ticket makes a member, and a member is believed when it says whose command it hands on.
        APIRoute(.post, "blixard/v1/tickets", .role(.administer)) { try await $0.createTicket($1, $2) },
        // The ticket's secret is what counts.
        APIRoute(.post, "blixard/v1/join", .everyKey) { try await $0.join($1, $2) },
        APIRoute(.post, "blixard/v1/nodes/:name/remove", .role(.administer)) { try await $0.removeNode($1, $2) },
        APIRoute(.get, "blixard/v1/grants", .role(.administer)) { try await $0.grants($1, $2) },
        APIRoute(.post, "blixard/v1/grants", .role(.administer)) { try await $0.grant($1, $2) },
        APIRoute(.delete, "blixard/v1/grants/:key", .role(.administer)) { try await $0.revoke($1, $2) },
    ]

    /// The aggregated form goes only to those who ask for it, and says so in its type.
    private static func discovery(_ request: Request, plain: JSON, aggregated: JSON) -> Response {
        if request.headers[.accept]?.contains(Discovery.aggregatedMarker) == true {
            return .json(aggregated, type: Discovery.aggregatedType)
        }
        return .json(plain)
    }
}
