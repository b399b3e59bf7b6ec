import API
import Fleet
import JSONText
import Manifest
import Mesh
import Primitives
import Synchronization

/// What one node asks of another through its API, with the node's own key.
final class PeerCalls: Sendable {
    private let identity: Identity
    private let clients = Mutex<[PublicKey: (addresses: [String], client: APIClient)]>([:])
    private static let timeouts = ClientTimeouts(
        connectMilliseconds: 1000, firstAnswerMilliseconds: 1000, requestMilliseconds: 5000,
        silenceMilliseconds: 60_000)

    init(identity: Identity) {
        self.identity = identity
    }

    /// One client for each member, with its connections, for as long as its addresses stay the same.
    private func client(for member: Member) -> APIClient {
        client(key: member.key, addresses: member.addresses, name: member.name)
    }

    private func client(key: PublicKey, addresses: [String], name: String) -> APIClient {
        clients.withLock { clients in
            if let known = clients[key], known.addresses == addresses { return known.client }
            let client = APIClient(
                identity: identity, endpoints: [Endpoint(key: key, addresses: addresses, name: name)],
                timeouts: Self.timeouts)
            clients[key] = (addresses, client)
            return client
        }
    }

    /// The members of a cluster as one of them knows them; nil if it answers for another cluster, or not in our words.
    func members(of clusterID: String, toldBy member: Ticket.Member) async throws(ClientFailure) -> [Ticket.Member]? {
        let client = client(key: member.key, addresses: member.addresses, name: "node-\(member.nodeID)")
        let answer = try await client.get("/blixard/v1/cluster", query: [("consistency", "stale")])
        guard answer["clusterID"]?.string == clusterID else { return nil }
        return Ticket.Member.list(answer["nodes"])
    }

    /// What a node sees of its machines; the failure says why it gave no answer.
    func observations(of member: Member) async throws(ClientFailure) -> JSON {
        try await client(for: member).get("/blixard/v1/observed")
    }

    func restart(_ key: ObjectKey, on node: String, _ fleet: Fleet) async throws(BackendFailure) {
        let member = try member(node, fleet)
        do throws(ClientFailure) {
            _ = try await client(for: member).send("POST", Self.path(key) + "/restart", body: nil, request: nil)
        } catch .lostAnswer(_, let reason) {
            // Whoever asks must not be sent on to another node, which would ask for it once more.
            throw .timeout("\(node) was asked to restart \(key.name), and its answer got lost (\(reason))")
        } catch {
            throw .unavailable("\(node) holds \(key.name) and gave no answer: \(error)")
        }
    }

    func consoleLog(
        _ key: ObjectKey, on node: String, _ fleet: Fleet, offset: Int64?, limit: Int, tailLines: Int?
    ) async throws(BackendFailure) -> ConsoleAnswer {
        let member = try member(node, fleet)
        var query = [("limit", String(limit))]
        if let offset { query.append(("offset", String(offset))) }
        if let tailLines { query.append(("tailLines", String(tailLines))) }
        do throws(ClientFailure) {
            let answer = try await client(for: member).bytes(Self.path(key) + "/log", query: query)
            var bytes: [UInt8] = []
            let chunks = answer.makeAsyncIterator()
            while let chunk = try await chunks.next() { bytes += chunk }
            return ConsoleAnswer(bytes: bytes, nextOffset: answer.nextOffset ?? (offset ?? 0) + Int64(bytes.count))
        } catch {
            throw .unavailable("\(node) holds \(key.name) and gave no answer: \(error)")
        }
    }

    private func member(_ node: String, _ fleet: Fleet) throws(BackendFailure) -> Member {
        guard let member = fleet.member(name: node) else { throw .unavailable("\(node) is no member any more") }
        return member
    }

    private static func path(_ key: ObjectKey) -> String {
        "/blixard/v1/namespaces/\(key.namespace)/virtualmachines/\(key.name)"
    }
}
