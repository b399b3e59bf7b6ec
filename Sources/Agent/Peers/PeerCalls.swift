import API
import Contract
import Fleet
import Host
import JSONText
import Manifest
import Mesh
import Primitives
import Reconcile
import Sealing
import Synchronization

/// What one node asks of another through its API, with the node's own key.
final class PeerCalls: Sendable {
    private let dialer: Dialer
    /// One client for each member that was called, made anew when the member's addresses have changed.
    private let clients = Mutex<[PublicKey: (addresses: [String], client: APIClient)]>([:])
    private static let timeouts = ClientTimeouts(
        connectMilliseconds: 1000, firstAnswerMilliseconds: 1000, requestMilliseconds: 5000,
        silenceMilliseconds: 60_000)

    /// How long another node may take for the whole of an answer.
    let answerMilliseconds: Int64

    init(dialer: Dialer, answerMilliseconds: Int64) {
        self.dialer = dialer
        self.answerMilliseconds = answerMilliseconds
    }

    /// What a node waits for another one.
    static let usualMilliseconds: Int64 = 10_000

    /// Closes the connections to all other members.
    func keep(_ keys: Set<PublicKey>) {
        let gone = clients.withLock { clients in
            let gone = clients.filter { !keys.contains($0.key) }
            for key in gone.keys { clients[key] = nil }
            return gone.values.map(\.client)
        }
        for client in gone { client.close() }
    }

    /// To how many nodes there may be connections.
    var count: Int { clients.withLock { $0.count } }

    /// One client for each member, with its connections, for as long as its addresses stay the same.
    func client(for member: Member) -> APIClient {
        client(key: member.key, addresses: member.addresses, name: member.name)
    }

    private func client(key: PublicKey, addresses: [String], name: String) -> APIClient {
        let (client, replaced) = clients.withLock { clients -> (APIClient, APIClient?) in
            let known = clients[key]
            if let known, known.addresses == addresses { return (known.client, nil) }
            let client = APIClient(
                dialer: dialer, endpoints: [Endpoint(key: key, addresses: addresses, name: name)],
                timeouts: Self.timeouts)
            clients[key] = (addresses, client)
            return (client, known?.client)
        }
        replaced?.close()
        return client
    }

    /// The members of a cluster as one of them knows them; nil if it answers for another cluster.
    func members(of clusterID: String, toldBy member: Ticket.Member) async throws(ClientFailure) -> [Ticket.Member]? {
        let client = client(key: member.key, addresses: member.addresses, name: "node-\(member.nodeID)")
        let answer = try await client.get(OwnPath.cluster.text, query: ReadConsistency.stale.query)
        let state = try ClusterState(answer: answer)
        return state.clusterID == clusterID ? state.nodes.map { Ticket.Member($0.member) } : nil
    }

    /// What a node sees of its machines; the failure says why it gave no answer that is understood.
    func observations(of member: Member) async throws(ClientFailure) -> NodeObservations {
        let answer = try await client(for: member).get(OwnPath.observed.text)
        do throws(AnswerMismatch) {
            return try ObservedAnswer(json: answer, now: SystemClock.now()).observations
        } catch {
            throw .protocolViolation(error.description)
        }
    }

    /// The keys for secrets that a member has.
    func secretsKeys(of member: Member) async throws(ClientFailure) -> [SealingKey] {
        try SecretsKeys(answer: try await client(for: member).get(OwnPath.secretsKeys.text)).keys
            .compactMap(SealingKey.init)
    }

    /// Has a member keep keys for secrets; returns when they are on its disk.
    func keep(_ keys: SecretsKeys, at member: Member) async throws(ClientFailure) {
        let answer = try await client(for: member).send(
            "POST", OwnPath.secretsKeys.text, body: SecretsKeyOffer(keys: keys).json, request: nil)
        _ = try SuccessStatus(answer: answer)
    }

    func perform(
        _ verb: MachineVerb, on key: ObjectKey, of node: String, _ fleet: Fleet
    ) async throws(APIStatus) -> MachineVerbOutcome {
        let member = try member(node, fleet)
        let answer: JSON
        do throws(ClientFailure) {
            answer = try await client(for: member).send(
                "POST", OwnPath.verb(verb, on: key).text, body: nil, request: nil)
        } catch .lostAnswer(_, let reason) {
            // The caller must not be sent on to another node, which would ask for it once more.
            throw APIStatus(
                .timeout, "\(node) was asked to \(verb.rawValue) \(key.name), and its answer got lost (\(reason))")
        } catch .status(let status) where status.reason.code == APIStatus.Reason.conflict.code {
            throw APIStatus(.conflict, status.message)
        } catch {
            throw .unavailable("\(node) holds \(key.name) and gave no answer: \(error)")
        }
        do throws(AnswerMismatch) {
            return try MachineVerbAnswer(json: answer).outcome
        } catch {
            throw APIStatus(.timeout, "\(node) was asked to \(verb.rawValue) \(key.name), and did not say what it does")
        }
    }

    /// Has the leader fetch a Git repository. It is asked once more without harm.
    func reconcile(source name: String, at leader: Member) async throws(APIStatus) -> ReconcileAnswer {
        do throws(ClientFailure) {
            return try ReconcileAnswer(
                answer: try await client(for: leader).send(
                    "POST", OwnPath.reconcile(source: name).text, body: nil, request: nil))
        } catch .status(let status) where [.notFound, .conflict].contains(status.reason) {
            throw status
        } catch {
            throw .unavailable("\(leader.name) leads, and gave no answer: \(error)")
        }
    }

    func member(_ node: String, _ fleet: Fleet) throws(APIStatus) -> Member {
        guard let member = fleet.member(name: node) else { throw .unavailable("\(node) is no member any more") }
        return member
    }
}
