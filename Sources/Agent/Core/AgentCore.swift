import API
import DriverPort
import Fleet
import Host
import Hypervisor
import Journal
import Logging
import Mesh
import Primitives
import Raft
import Reconcile
import Replica

/// What the parts of a running node share: who it is, replica and log, the known nodes, and what waits for an answer.
///
/// Nothing in it needs another part of the node, so all of it is there when the others are made. It owns no rules:
/// every decision is the replica's.
final class AgentCore: Sendable {
    let settings: AgentSettings
    let record: NodeRecord
    let identity: Identity
    /// Where other nodes dial this one.
    let addresses: [String]
    /// The replica; it handles inputs from its start on.
    let host: ReplicaHost
    let journal: JournalThread
    let driver: any MachineDriver
    let secrets: SecretsKeyStore
    let members: MemberDirectory
    let learnedMembers: LearnedMembers
    let network: PeerNetwork
    let receiver: PeerMessageReceiver
    /// The connections of the node's listener.
    let connections: ConnectionLedger
    let answers = AnswerTable()
    let revisions = RevisionSignal()
    let logger: Logger

    init(
        _ opened: NodeAgent.Opened, settings: AgentSettings, members: MemberDirectory, learnedMembers: LearnedMembers,
        network: PeerNetwork, receiver: PeerMessageReceiver, connections: ConnectionLedger, logger: Logger
    ) {
        self.settings = settings
        record = opened.record
        identity = opened.identity
        addresses = opened.addresses
        host = opened.host
        journal = opened.journal
        driver = opened.driver
        secrets = opened.secrets
        self.members = members
        self.learnedMembers = learnedMembers
        self.network = network
        self.receiver = receiver
        self.connections = connections
        self.logger = logger
    }

    /// How the connections to members are at this moment.
    func peerObservations() -> [NodeID: PeerObservation] {
        var observations: [NodeID: PeerObservation] = [:]
        for state in peerStates() {
            guard let id = members.id(of: state.key) else { continue }
            observations[id] = PeerObservation(
                isConnected: state.isConnected, silentMilliseconds: state.silenceMilliseconds)
        }
        return observations
    }

    func peerStates() -> [PeerState] { network.peerStates() }
    var listenerCounters: ListenerCounters { connections.counters }
    var journalStatus: JournalThread.Status { journal.status }

    /// Tells the replica once a second how its connections are, until cancelled.
    func watchPeers() async {
        while !Task.isCancelled {
            host.post(.peers(peerObservations()))
            // Ends early only by cancellation, which the loop sees.
            try? await Task.sleep(for: .seconds(1))
        }
    }
}

extension AgentCore {
    /// How long the others may take to have another leader before this node ends all the same.
    private static let handOverMilliseconds: Int64 = 1000

    /// Lets another node lead, if this one does, so that its end costs no election.
    func handLeadershipOver() async {
        guard host.look({ $0.role == .leader && $0.voterIDs.count > 1 }) else { return }
        host.post(.handOver)
        let deadline = SystemClock.now() + Self.handOverMilliseconds
        while host.look({ $0.role == .leader }), SystemClock.now() < deadline {
            // Nothing cancels the shutdown of a node; if something does, it is only shorter.
            try? await Task.sleep(for: .milliseconds(10))
        }
    }
}
