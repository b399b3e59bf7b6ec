import JSONText
public import Primitives

/// What `GET /bootstrap` answers: where a node is and which key it claims to have.
///
/// It came over plain HTTP, so it proves nothing: the key must be one that the reader trusts already.
public struct BootstrapDocument: Equatable, Sendable {
    /// The Raft id; 0 from a node that is in no cluster yet, which is read as malformed.
    public var nodeID: UInt64
    public var key: PublicKey
    /// `host:port` each.
    public var addresses: [String]
    public var relayURL: String?
    /// Nil from a node that is in no cluster yet, or that is older than this field.
    public var clusterID: String?
    /// The API group and version that the node serves; nil from an older node.
    public var apiVersion: String?
    /// Of the node; nil from an older node.
    public var name: String?
    /// Of the node's program; nil from an older node.
    public var version: String?

    public init(
        nodeID: UInt64, key: PublicKey, addresses: [String], relayURL: String?, clusterID: String?,
        apiVersion: String?, name: String?, version: String?
    ) {
        self.nodeID = nodeID
        self.key = key
        self.addresses = addresses
        self.relayURL = relayURL
        self.clusterID = clusterID
        self.apiVersion = apiVersion
        self.name = name
        self.version = version
    }

    /// Reads the document; members that are not known here are passed over.
    ///
    /// Wildcard addresses, as older nodes published them, lead nowhere and are left out.
    /// - Throws: ``MeshError/malformed(what:problem:)`` with the member that is wrong.
    public init(json: [UInt8]) throws(MeshError) {
        let fields = try JSONFields(json, what: "bootstrap document")
        nodeID = try fields.nodeID("node_id")
        key = try fields.key("p2p_node_id")
        addresses = try fields.addresses("p2p_addresses").filter { !HostPort.isWildcard($0) }
        relayURL = try fields.optionalString("p2p_relay_url")
        clusterID = try fields.optionalString("cluster_id")
        apiVersion = try fields.optionalString("api_version")
        name = try fields.optionalString("name")
        version = try fields.optionalString("version")
    }

    /// The document as JSON, the members that people know first.
    public var json: [UInt8] {
        JSON.object([
            "node_id": .integer(Int64(clamping: nodeID)),
            "p2p_node_id": .string(key.description),
            "p2p_addresses": .array(addresses.map { .string($0) }),
            "p2p_relay_url": relayURL.map { .string($0) } ?? .null,
            "cluster_id": clusterID.map { .string($0) } ?? .null,
            "api_version": apiVersion.map { .string($0) } ?? .null,
            "name": name.map { .string($0) } ?? .null,
            "version": version.map { .string($0) } ?? .null,
        ]).prettyBytes
    }
}
