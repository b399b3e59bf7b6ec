import API
import Contract
import Fleet
import Host
import JSONText
import Journal
import Logging
import Mesh
import Primitives
import Raft
import Sealing

/// How a node with an empty directory gets into a cluster: it redeems a ticket at a member, and writes down who it is.
enum Joining {
    /// How long a newcomer keeps trying while no member answers.
    private static let patienceMilliseconds: Int64 = 60_000

    static func join(
        _ settings: JoinSettings, log size: LogSize, bind: HostPort, addresses: [String], identity: Identity,
        directory: NodeDirectory, version: String, logger: Logger
    ) async throws(AgentError) -> NodeRecord {
        do throws(MeshError) {
            try settings.ticket.requireCurrent(at: SystemClock.wallTime())
        } catch {
            throw AgentError("the ticket can't be used: \(error)")
        }
        if let log = try StrandedLog.find(in: directory), log.identity?.clusterID != settings.ticket.clusterID {
            throw log.refusal("It can't join cluster \(settings.ticket.clusterID) with that log", bind: bind)
        }
        let newcomer = try Newcomer.drawn(in: directory, bind: bind)
        let answer = try await redeem(
            settings, newcomer, addresses: addresses, identity: identity, version: version, logger: logger)
        let (record, secretsKeys) = try record(answer, newcomer, identity.publicKey, bind: bind)
        guard record.clusterID == settings.ticket.clusterID else {
            throw AgentError(
                "the member that answered belongs to cluster \(record.clusterID), "
                    + "the ticket to \(settings.ticket.clusterID)")
        }
        if !secretsKeys.keys.isEmpty { try SecretsKeyStore.write(secretsKeys, to: directory.secretsKeys) }
        try makeLog(record.journalIdentity, size, in: directory, bind: bind)
        try record.write(directory)
        try Newcomer.settled(directory)
        return record
    }

    /// An empty log for the newcomer; one of the same node is kept, be it of an earlier try or of a node whose record
    /// was lost.
    static func makeLog(
        _ identity: JournalIdentity, _ size: LogSize, in directory: NodeDirectory, bind: HostPort
    ) throws(AgentError) {
        do throws(JournalError) {
            let log = try WriteAheadLog.create(
                on: FileSystemDisk(), directory: directory.journal, identity: identity, parameters: size.journal,
                saltSeed: .random(in: .min ... .max))
            log.close()
        } catch .alreadyThere {
            guard let log = try StrandedLog.find(in: directory), log.identity != identity else { return }
            throw log.refusal("The cluster takes this node for \(identity)", bind: bind)
        } catch {
            throw AgentError("\(error)", exitCode: error.exitCode)
        }
    }

    private static func redeem(
        _ settings: JoinSettings, _ newcomer: Newcomer, addresses: [String], identity: Identity, version: String,
        logger: Logger
    ) async throws(AgentError) -> JSON {
        var endpoints = settings.targets.map { target in
            switch target {
            case .key(let key, let addresses): Endpoint(key: key, addresses: addresses, name: nil)
            case .anyKey(let address): Endpoint(key: nil, addresses: [address], name: nil)
            }
        }
        endpoints += settings.ticket.members.map {
            Endpoint(key: $0.key, addresses: $0.addresses, name: "node-\($0.nodeID)")
        }
        let client = APIClient(
            identity: identity, endpoints: endpoints,
            timeouts: ClientTimeouts(
                connectMilliseconds: 2000, firstAnswerMilliseconds: 5000, requestMilliseconds: 15_000,
                silenceMilliseconds: 60_000))
        defer { client.close() }
        let body = JoinRequest(
            secret: settings.ticket.secret, key: identity.publicKey, addresses: addresses, name: settings.name,
            version: version, incarnation: newcomer.incarnation)
        let start = SystemClock.now()
        var generator = SystemRandomNumberGenerator()
        let request = RequestID.random(using: &generator)
        while true {
            do throws(ClientFailure) {
                return try await client.send("POST", OwnPath.join.text, body: body.json, request: request)
            } catch {
                if case .status(let status) = error, status.reason.code < 500 {
                    throw AgentError("the cluster refuses this node: \(error)")
                }
                guard SystemClock.now() - start < patienceMilliseconds, !Task.isCancelled else {
                    throw AgentError("no member of the cluster could be joined: \(error)")
                }
                logger.info("joining is tried again", metadata: ["reason": "\(error)"])
            }
            // Ends early only by cancellation, which the next round sees.
            try? await Task.sleep(for: .seconds(1))
        }
    }

    private static func record(
        _ json: JSON, _ newcomer: Newcomer, _ key: PublicKey, bind: HostPort
    ) throws(AgentError) -> (NodeRecord, Keyring) {
        let answer: JoinAnswer
        do throws(AnswerMismatch) {
            answer = try JoinAnswer(json: json)
        } catch {
            throw AgentError("the member's answer to the join was not understood: \(error)")
        }
        let record = NodeRecord(
            clusterID: answer.clusterID, nodeID: answer.id, key: key, bind: bind,
            members: answer.members.map(Ticket.Member.init), incarnation: newcomer.incarnation)
        return (record, Keyring(answer.secretsKeys.compactMap(SealingKey.init)))
    }
}
