import Host
import JSONText
public import Primitives

/// `node-<id>-registry.json`: how programs on the same host find a node.
///
/// The shape is the one that earlier versions wrote, so that both read both: the key stands in base64 under
/// `iroh_node_id`. Members of our own follow.
public struct RegistryFile: Equatable, Sendable {
    /// The Raft id, above 0.
    public var nodeID: UInt64
    public var key: PublicKey
    /// The address that the node was told to bind.
    public var address: String
    /// The addresses at which the node can be dialed, `host:port` each.
    public var directAddresses: [String]
    public var relayURL: String?
    /// Nil in files of older nodes and before the node is in a cluster.
    public var clusterID: String?

    public init(
        nodeID: UInt64, key: PublicKey, address: String, directAddresses: [String], relayURL: String?,
        clusterID: String?
    ) {
        self.nodeID = nodeID
        self.key = key
        self.address = address
        self.directAddresses = directAddresses
        self.relayURL = relayURL
        self.clusterID = clusterID
    }

    /// The file's name for a node.
    public static func name(nodeID: UInt64) -> String { "node-\(nodeID)-registry.json" }

    /// Reads the text of a file. The key may stand in base64 or hexadecimal; unknown members are passed over.
    ///
    /// - Throws: ``MeshError/malformed(what:problem:)`` with the member that is wrong.
    public init(json: [UInt8]) throws(MeshError) {
        let fields = try JSONFields(json, what: "registry file")
        nodeID = try fields.nodeID("cluster_node_id")
        key = try fields.key("iroh_node_id")
        address = try fields.string("address")
        directAddresses = try fields.addresses("direct_addresses").filter { !HostPort.isWildcard($0) }
        relayURL = try fields.optionalString("relay_url")
        clusterID = try fields.optionalString("cluster_id")
    }

    public var json: [UInt8] {
        JSON.object([
            "cluster_node_id": .integer(Int64(clamping: nodeID)),
            "iroh_node_id": .string(Base64.encode(key.bytes)),
            "direct_addresses": .array(directAddresses.map { .string($0) }),
            "relay_url": relayURL.map { .string($0) } ?? .null,
            "address": .string(address),
            "cluster_id": clusterID.map { .string($0) } ?? .null,
            "node_key": .string(key.description),
        ]).prettyBytes
    }

    /// The addresses to dial: the direct ones, and the bound one if it is no wildcard.
    public var dialableAddresses: [String] {
        directAddresses.contains(address) || HostPort.isWildcard(address)
            ? directAddresses : directAddresses + [address]
    }

    /// Reads a file. Blocks on the disk.
    ///
    /// - Throws: ``MeshError/file(path:problem:)``, also when there is none, and ``MeshError/disk(_:)``.
    public static func read(_ path: String) throws(MeshError) -> RegistryFile {
        let found: [UInt8]?
        do throws(DiskError) {
            found = try DurableFile.readIfPresent(path, limit: 64 << 10)
        } catch {
            throw .disk(error)
        }
        guard let bytes = found else {
            throw .file(
                path: path, problem: "there is no such registry file; is the node running, and is this its path?")
        }
        do {
            return try RegistryFile(json: bytes)
        } catch {
            throw .file(path: path, problem: "\(error)")
        }
    }

    /// Puts this in the place of whatever is at `path`, at once and durably, unless it says the same already. Blocks on
    /// the disk.
    ///
    /// - Returns: Whether anything was written.
    /// - Throws: ``MeshError/disk(_:)``.
    @discardableResult
    public func write(to path: String) throws(MeshError) -> Bool {
        let bytes = json + [0x0a]
        do throws(DiskError) {
            if try DurableFile.readIfPresent(path, limit: 1 << 20) == bytes { return false }
            try DurableFile.write(bytes, to: path, mode: 0o644)
            return true
        } catch {
            throw .disk(error)
        }
    }
}
