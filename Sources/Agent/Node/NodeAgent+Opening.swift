import DriverPort
import Fleet
import Host
import Hypervisor
import Journal
import Logging
import Mesh
import Primitives
import Raft
import Replica

// What a node opens before anything runs: who it is, its log, and the replica that goes on from it.
extension NodeAgent {
    struct Opened: Sendable {
        var record: NodeRecord
        var identity: Identity
        var bind: HostPort
        /// Where other nodes dial this one.
        var addresses: [String]
        /// Not started: what is posted waits.
        var host: ReplicaHost
        var journal: JournalThread
        var driver: any MachineDriver
        var secrets: SecretsKeyStore
        /// Why the node is to end; ``ending`` is the other end of it.
        var ends: AsyncStream<AgentEnd>
        var ending: AsyncStream<AgentEnd>.Continuation
    }

    /// Opens the data directory, and joins a cluster first if it holds no node.
    func open() async throws(AgentError) -> Opened {
        let known = try NodeRecord.read(directory)
        guard known != nil || settings.join != nil else {
            if let log = try StrandedLog.find(in: directory) {
                throw log.refusal("No node was started", bind: settings.bind)
            }
            throw AgentError(
                "\(directory.path) holds no node. To found a cluster: blixard cluster init --id 1 --bind HOST:PORT "
                    + "--data-dir \(directory.path). To join one: blixard node --data-dir \(directory.path) "
                    + "--bind HOST:PORT --join-ticket TICKET (from `blixard ticket create`)")
        }
        guard let bind = settings.bind ?? known?.bind else {
            throw AgentError("--bind HOST:PORT is missing: the address that the other nodes reach this one at")
        }
        try directory.create()
        let identity = try NodeKey.identity(in: directory, of: known)
        let addresses = try DialableAddresses.of(bind: bind, advertise: settings.advertise)
        let record: NodeRecord
        if let known {
            try Newcomer.settled(directory)
            record = known
        } else {
            record = try await Joining.join(
                settings.join!, log: settings.log, bind: bind, addresses: addresses, identity: identity,
                directory: directory,
                version: settings.version, logger: logger)
            logger.info("joined", metadata: ["cluster": "\(record.clusterID)", "id": "\(record.nodeID)"])
        }
        let (ends, ending) = AsyncStream.makeStream(of: AgentEnd.self, bufferingPolicy: .bufferingOldest(16))
        let (host, journal) = try openLog(record, identity, ending)
        return Opened(
            record: record, identity: identity, bind: bind, addresses: addresses, host: host, journal: journal,
            driver: try MachineDrivers.make(settings.hypervisor, in: directory),
            secrets: try SecretsKeyStore(directory), ends: ends, ending: ending)
    }

    /// Recovers the log, and makes the replica that goes on from it and the journal that writes on.
    private func openLog(
        _ record: NodeRecord, _ identity: Identity, _ ending: AsyncStream<AgentEnd>.Continuation
    ) throws(AgentError) -> (ReplicaHost, JournalThread) {
        do {
            let disk = FileSystemDisk()
            let (log, recovered, restored) = try WriteAheadLog.open(
                on: disk, directory: directory.journal, expecting: record.journalIdentity,
                parameters: settings.log.journal,
                saltSeed: .random(in: .min ... .max)
            ) { content throws(DecodingFailure) in
                let fleet = try Fleet(snapshot: content.snapshot.data)
                return (fleet, fleet.stateHash)
            }
            if let damage = recovered.unreadableSnapshot {
                logger.error("an older snapshot is used", metadata: ["reason": "\(damage)"])
            }
            if recovered.bytesCut > 0 {
                logger.notice("cut off an interrupted write", metadata: ["bytes": "\(recovered.bytesCut)"])
            }
            let replica = try replica(record, identity, recovered, restored ?? Fleet())
            let host = ReplicaHost(replica, limits: .standard)
            let journal = JournalThread(log, disk: disk, limits: .standard) { error in
                // Nothing that comes from now on may be acknowledged, and no other node may be kept from being elected.
                host.halt()
                ending.yield(.failed(AgentError("the log can't be written: \(error)", exitCode: error.exitCode)))
            }
            journal.observeSpace { host.post(.diskShort($0 == .short)) }
            return (host, journal)
        } catch {
            throw .of(error)
        }
    }

    /// The replica as the log left it; what was received of a leader's snapshot that is no newer is removed.
    private func replica(
        _ record: NodeRecord, _ identity: Identity, _ recovered: RecoveredJournal, _ fleet: Fleet
    ) throws -> Replica {
        try SnapshotReceiver.cleanUp(directory.incoming, newerThan: LogIndex(fleet.appliedIndex))
        let replica = Replica(
            identity: Replica.Identity(
                id: NodeID(record.nodeID), key: identity.publicKey, clusterID: record.clusterID),
            storage: MemoryStorage(
                hardState: recovered.hardState, snapshot: recovered.snapshot?.snapshot, entries: recovered.entries),
            fleet: fleet, seed: .random(in: .min ... .max), now: SystemClock.now(), wall: SystemClock.wallTime(),
            snapshotPolicy: settings.log.snapshotPolicy)
        try NodeKey.check(identity, against: replica.fleet, record, in: directory)
        return replica
    }
}
