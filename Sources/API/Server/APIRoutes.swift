import Hummingbird
import JSONText
import Manifest
import Primitives

/// Which path is answered by what.
struct APIRoutes: Sendable {
    let backend: any ClusterBackend
    let specs: FullSpecCache
    let stop: StopSignal
    let limits: HTTPLimits

    func router() -> Router<APIContext> {
        let router = Router(context: APIContext.self, options: [.autoGenerateHeadEndpoints])
        router.add(middleware: StatusErrors())
        addDiscovery(to: router)
        addObjects(to: router)
        addSets(to: router)
        addCluster(to: router)
        addMachines(to: router)
        addJoining(to: router)
        return router
    }

    /// Discovery tells nothing of the cluster, and a caller who is refused should be told so at a resource, where
    /// kubectl shows the reason.
    private func addDiscovery(to router: Router<APIContext>) {
        router.get("version") { [backend] _, _ in
            Response.json(Discovery.version(program: backend.localNode.version))
        }
        router.get("api") { request, _ in
            Self.discovery(request, plain: Discovery.coreVersions, aggregated: Discovery.aggregatedCore)
        }
        router.get("apis") { request, _ in
            Self.discovery(request, plain: Discovery.groups, aggregated: Discovery.aggregatedGroups)
        }
        router.get("apis/blixard.dev") { _, _ in Response.json(Discovery.group) }
        router.get("apis/blixard.dev/v1") { _, _ in Response.json(Discovery.resources) }
    }

    private func addObjects(to router: Router<APIContext>) {
        for collection: RouterPath in [
            "apis/blixard.dev/v1/:plural", "apis/blixard.dev/v1/namespaces/:namespace/:plural",
        ] {
            router.get(collection) { try await list($0, $1) }
            router.post(collection) { try await create($0, $1) }
        }
        for object: RouterPath in [
            "apis/blixard.dev/v1/:plural/:name", "apis/blixard.dev/v1/namespaces/:namespace/:plural/:name",
        ] {
            router.get(object) { try await get($0, $1) }
            router.put(object) { try await replace($0, $1) }
            router.patch(object) { try await patch($0, $1) }
            router.delete(object) { try await delete($0, $1) }
        }
    }

    private func addSets(to router: Router<APIContext>) {
        router.post("blixard/v1/apply") { try await apply($0, $1) }
        router.post("blixard/v1/delete") { try await deleteSet($0, $1) }
        router.post("blixard/v1/plan") { try await plan($0, $1) }
    }

    private func addCluster(to router: Router<APIContext>) {
        router.get("blixard/v1/cluster") { try await cluster($0, $1) }
        router.get("blixard/v1/observed") { try await observed($0, $1) }
        router.post("blixard/v1/shutdown") { try await shutdown($0, $1) }
    }

    private func addMachines(to router: Router<APIContext>) {
        let machine = "blixard/v1/namespaces/:namespace/virtualmachines/:name"
        router.get(RouterPath("\(machine)/log")) { try await log($0, $1) }
        router.post(RouterPath("\(machine)/restart")) { try await restart($0, $1) }
    }

    private func addJoining(to router: Router<APIContext>) {
        router.post("blixard/v1/tickets") { try await createTicket($0, $1) }
        router.post("blixard/v1/join") { try await join($0, $1) }
        router.post("blixard/v1/nodes/:name/remove") { try await removeNode($0, $1) }
        router.get("blixard/v1/grants") { try await grants($0, $1) }
        router.post("blixard/v1/grants") { try await grant($0, $1) }
        router.delete("blixard/v1/grants/:key") { try await revoke($0, $1) }
    }

    /// The aggregated form goes only to those who ask for it, and says so in its type.
    private static func discovery(_ request: Request, plain: JSON, aggregated: JSON) -> Response {
        if request.headers[.accept]?.contains(Discovery.aggregatedMarker) == true {
            return .json(aggregated, type: Discovery.aggregatedType)
        }
        return .json(plain)
    }
}
