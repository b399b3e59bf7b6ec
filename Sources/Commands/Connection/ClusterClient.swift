import Contract
import JSONText
import Manifest
import Primitives

/// What commands ask of a cluster, in terms of objects.
struct ClusterClient: Sendable {
    let connection: any ClusterConnection
    let world: World

    static func open(_ options: ConnectionOptions, in world: World) throws -> ClusterClient {
        ClusterClient(connection: try options.connect(in: world), world: world)
    }

    /// One object as it is.
    func object(_ kind: KindInfo, namespace: String, name: String) async throws(ClientFailure) -> JSON {
        try await connection.get(
            ResourcePath.object(kind, namespace: namespace, name: name), query: [], accept: nil)
    }

    /// One object; nil if there is none.
    func objectIfThere(_ kind: KindInfo, namespace: String, name: String) async throws(ClientFailure) -> JSON? {
        do {
            return try await object(kind, namespace: namespace, name: name)
        } catch {
            if error.isNotFound { return nil }
            throw error
        }
    }

    /// A document, or why there is none.
    func answer(
        _ path: String, query: [(String, String)], accept: String?
    ) async -> Result<JSON, ClientFailure> {
        do {
            return .success(try await connection.get(path, query: query, accept: accept))
        } catch {
            return .failure(error)
        }
    }

    /// The items of a collection.
    func items(
        _ kind: KindInfo, namespace: String?, query: [(String, String)] = []
    ) async throws(ClientFailure) -> [JSON] {
        let list = try await connection.get(
            ResourcePath.collection(kind, namespace: namespace), query: query, accept: nil)
        guard let items = list["items"]?.array else {
            throw .protocolViolation("a list of \(kind.plural) without items")
        }
        return items
    }

    /// Membership, leader and quorum, as far as the answering node knows them.
    func clusterState(_ consistency: ReadConsistency) async throws(ClientFailure) -> Answered<ClusterState> {
        try await connection.get(.cluster, query: consistency.query)
    }

    /// A revision that is not newer than the cluster's: what a write is based on.
    func knownRevision() async throws(ClientFailure) -> UInt64 {
        try await clusterState(.stale).body.revision
    }

    func close() async { await connection.close() }
}
