import Contract
import Hummingbird
import JSONText
import Manifest

extension APIRoutes {
    /// Every route there is. The router is built from it, and who may use a route stands here and nowhere else.
    static let all =
        discoveryRoutes + objectRoutes + setRoutes + clusterRoutes + machineRoutes + sourceRoutes
        + memberRoutes

    /// Discovery tells nothing of the cluster, and a caller who is refused should be told so at a resource, where
    /// kubectl shows the reason.
    private static let discoveryRoutes = [
        APIRoute(.get, DiscoveryPath.version.pattern, .everyKey) { routes, _, _ in
            .json(Discovery.version(program: routes.backend.localNode.version))
        },
        APIRoute(.get, DiscoveryPath.core.pattern, .everyKey) { _, request, _ in
            discovery(request, plain: Discovery.coreVersions, aggregated: Discovery.aggregatedCore)
        },
        APIRoute(.get, DiscoveryPath.groups.pattern, .everyKey) { _, request, _ in
            discovery(request, plain: Discovery.groups, aggregated: Discovery.aggregatedGroups)
        },
        APIRoute(.get, DiscoveryPath.group.pattern, .everyKey) { _, _, _ in .json(Discovery.group) },
        APIRoute(.get, DiscoveryPath.resources.pattern, .everyKey) { _, _, _ in .json(Discovery.resources) },
    ]

    private static let objectRoutes =
        ResourcePath.collectionPatterns.flatMap { path in
            [
                APIRoute(.get, path, .role(.read)) { try await $0.list($1, $2) },
                APIRoute(.post, path, .role(.write)) { try await $0.create($1, $2) },
            ]
        }
        + ResourcePath.objectPatterns.flatMap { path in
            [
                APIRoute(.get, path, .role(.read)) { try await $0.get($1, $2) },
                APIRoute(.put, path, .role(.write)) { try await $0.replace($1, $2) },
                APIRoute(.patch, path, .role(.write)) { try await $0.patch($1, $2) },
                APIRoute(.delete, path, .role(.write)) { try await $0.delete($1, $2) },
            ]
        }

    private static let setRoutes = [
        APIRoute(.post, .apply, .role(.write)) { try await $0.apply($1, $2) },
        APIRoute(.post, .delete, .role(.write)) { try await $0.deleteSet($1, $2) },
        APIRoute(.post, .plan, .role(.read)) { try await $0.plan($1, $2) },
        APIRoute(.get, .setHistory(set: PathParameter.name.pattern), .role(.read)) { try await $0.setHistory($1, $2) },
        APIRoute(
            .get, .setRevision(set: PathParameter.name.pattern, number: PathParameter.number.pattern), .role(.read)
        ) { try await $0.setRevision($1, $2) },
    ]

    private static let clusterRoutes = [
        APIRoute(.get, .cluster, .role(.read)) { try await $0.cluster($1, $2) },
        APIRoute(.get, .observed, .role(.read)) { try await $0.observed($1, $2) },
        // A caller that ends nodes takes the cluster's quorum away.
        APIRoute(.post, .shutdown, .role(.administer)) { try await $0.shutdown($1, $2) },
    ]

    private static let machineRoutes =
        [
            APIRoute(.get, .log(of: machine), .role(.read)) { try await $0.log($1, $2) }
        ]
        + MachineVerb.allCases.map { verb in
            APIRoute(.post, .verb(verb, on: machine), .role(.relay)) { try await $0.perform(verb, $1, $2) }
        }

    private static let sourceRoutes = [
        APIRoute(.post, .reconcile(source: PathParameter.name.pattern), .role(.relay)) {
            try await $0.reconcile($1, $2)
        }
    ]

    /// What stands for the machine of a path.
    private static let machine = KindInfo.virtualMachine.key(
        namespace: PathParameter.namespace.pattern, name: PathParameter.name.pattern)

    private static let memberRoutes = [
        // A ticket makes a member, and a member is believed when it says whose command it hands on.
        APIRoute(.post, .tickets, .role(.administer)) { try await $0.createTicket($1, $2) },
        // The ticket's secret is what counts.
        APIRoute(.post, .join, .everyKey) { try await $0.join($1, $2) },
        APIRoute(.post, .removal(node: PathParameter.name.pattern), .role(.administer)) {
            try await $0.removeNode($1, $2)
        },
        // The handlers let members in, and no one else: not even an administrator sees a key.
        APIRoute(.get, .secretsKeys, .everyKey) { try await $0.secretsKeys($1, $2) },
        APIRoute(.post, .secretsKeys, .everyKey) { try await $0.keepSecretsKeys($1, $2) },
        APIRoute(.post, .secretsKeyRotation, .role(.administer)) { try await $0.rotateSecretsKey($1, $2) },
        APIRoute(
            .post,
            .reveal(namespace: PathParameter.namespace.pattern, secret: PathParameter.name.pattern), .role(.administer)
        ) { try await $0.reveal($1, $2) },
        APIRoute(.get, .whoami, .role(.read)) { try await $0.whoAmI($1, $2) },
        APIRoute(.get, .grants, .role(.administer)) { try await $0.grants($1, $2) },
        APIRoute(.post, .grants, .role(.administer)) { try await $0.grant($1, $2) },
        APIRoute(.delete, .grant(key: PathParameter.key.pattern), .role(.administer)) { try await $0.revoke($1, $2) },
    ]

    /// The aggregated form goes only to those who ask for it, and says so in its type.
    private static func discovery(_ request: Request, plain: JSON, aggregated: JSON) -> Response {
        if request.headers[.accept]?.contains(Discovery.aggregatedMarker) == true {
            return .json(aggregated, type: Discovery.aggregatedType)
        }
        return .json(plain)
    }
}
