public import Manifest

/// The paths of Kubernetes-shaped resources: `/apis/blixard.dev/v1/namespaces/default/virtualmachines/web`.
public enum ResourcePath {
    /// What every path of an object or a collection begins with: `/apis/blixard.dev/v1`.
    public static let root = DiscoveryPath.resources.text

    /// A collection; all namespaces if none is named. Kinds of the whole cluster have no namespace, so it is left away.
    public static func collection(_ kind: KindInfo, namespace: String?) -> String {
        guard kind.namespaced, let namespace else { return "\(root)/\(kind.plural)" }
        return "\(root)/namespaces/\(PercentEncoding.encode(namespace))/\(kind.plural)"
    }

    /// One object.
    public static func object(_ kind: KindInfo, namespace: String, name: String) -> String {
        collection(kind, namespace: namespace) + "/" + PercentEncoding.encode(name)
    }

    /// Collections as a router is told them: of the whole cluster, and of a namespace.
    public static let collectionPatterns: [String] = [
        [DiscoveryPath.resources.pattern, PathParameter.plural.pattern],
        [
            DiscoveryPath.resources.pattern, "namespaces", PathParameter.namespace.pattern,
            PathParameter.plural.pattern,
        ],
    ].map { $0.joined(separator: "/") }

    /// Objects as a router is told them.
    public static let objectPatterns = collectionPatterns.map { "\($0)/\(PathParameter.name.pattern)" }
}

/// What clients of Kubernetes ask before anything else.
public enum DiscoveryPath: CaseIterable, Sendable {
    /// The version of the server.
    case version
    /// The versions of the core group, of which there are none.
    case core
    /// The groups.
    case groups
    /// The group of this API.
    case group
    /// The kinds of this API.
    case resources

    /// As a client sends it: `/apis/blixard.dev`.
    public var text: String { "/" + pattern }

    /// As a router is told it: `apis/blixard.dev`.
    public var pattern: String {
        switch self {
        case .version: "version"
        case .core: "api"
        case .groups: "apis"
        case .group: "apis/\(KindInfo.group)"
        case .resources: "apis/\(KindInfo.apiVersion)"
        }
    }
}
