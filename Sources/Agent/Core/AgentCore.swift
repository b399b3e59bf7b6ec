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
import Synchronization
import Wire

/// The shells of one running node, and how the replica's effects are performed with them.
///
/// It owns no rules: every decision is the replica's.
final class AgentCore: Sendable {
    let settings: AgentSettings
    let record: NodeRecord
    let identity: Identity
    let host: ReplicaHost
    let answers = AnswerTable()
    let revisions = RevisionSignal()
    let members = MemberDirectory()
    let logger: Logger
    let driver: any MachineDriver
    let ports: PortBox
    let journal: JournalThread
    let fetches: ImageFetches
    let machines: MachineWorkers
    let snapshotPool = BlockingPool(named: "snapshot", threads: 1)
    let network: Late<PeerNetwork>
    let snapshots = Late<SnapshotExchange>()
    let server: Late<MeshServer>
    let ending: AsyncStream<AgentEnd>.Continuation
    let learnedMembers: LearnedMembers
    let unreadable = UnreadableMessages()
    /// Held while the state's members are adopted, so that what was seen later is never overwritten.
    let adopting = Mutex(())

    init(
        settings: AgentSettings, record: NodeRecord, identity: Identity, replica: sending Replica,
        journal: JournalThread, driver: any MachineDriver, images: ImageStore, logger: Logger,
        ending: AsyncStream<AgentEnd>.Continuation
    ) {
        self.settings = settings
        self.record = record
        self.identity = identity
        self.journal = journal
        self.driver = driver
        self.logger = logger
        self.ending = ending
        learnedMembers = LearnedMembers(record.members)
        ports = PortBox()
        network = Late()
        server = Late()
        let late = Late<AgentCore>()
        host = ReplicaHost(replica, limits: .standard) { effects in late.value?.perform(effects) }
        let host = host
        fetches = ImageFetches(images) { host.post(.image($0, $1)) }
        machines = MachineWorkers(driver: driver) { host.post($0) }
        late.fill(self)
        adoptMembers()
        journal.observeSpace { host.post(.diskShort($0 == .short)) }
    }

    /// The mesh exists after the core, because its callbacks need the core.
    func attach(network: PeerNetwork, server: MeshServer, snapshots: SnapshotExchange) {
        self.network.fill(network)
        self.snapshots.fill(snapshots)
        self.server.fill(server)
        adoptMembers()
    }

    /// Ends the replica, lets the journal finish, and answers whoever still waits. Machines keep running.
    func close() async {
        revisions.close()
        snapshots.value?.sender.close()
        await snapshotPool.run { () throws(Never) in self.host.close() }
        answers.failAll()
        await withCheckedContinuation { continuation in
            journal.stop { continuation.resume() }
        }
    }
}
