import API
import DriverPort
import Fleet
import Glibc
import Host
import Hypervisor
import Journal
public import Logging
import Manifest
import Mesh
import NIOPosix
import Primitives
import QEMU
import Raft
import Reconcile
import Replica

/// A node as a process: opens what lies in its data directory, joins if it has to, and runs until it is told to end.
///
/// Machines outlive it. It founds no cluster: an empty directory without a ticket is an error that says both ways.
public struct NodeAgent: Sendable {
    let settings: AgentSettings
    let directory: NodeDirectory
    let logger: Logger

    public init(_ settings: AgentSettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
        directory = NodeDirectory(settings.dataDirectory)
    }

    /// Runs the node; returns after SIGTERM, SIGINT, or a shutdown that was asked for through the API.
    ///
    /// - Throws: ``AgentError`` when the node can't start, or can't go on.
    public func run() async throws(AgentError) {
        // A node has no use for a terminal, and outlives the one that it was started from.
        signal(SIGHUP, SIG_IGN)
        let shares = try Self.takeDescriptors()
        await Self.openTimers()
        try await serve(try await prepare(), shares)
    }

    /// Raises the limit of descriptors, and takes those that the log keeps for itself.
    private static func takeDescriptors() throws(AgentError) -> DescriptorShares {
        let limit: Int
        do throws(HostError) {
            limit = try DescriptorLimit.raise()
        } catch {
            throw AgentError("\(error)")
        }
        guard limit >= DescriptorShares.least else {
            throw AgentError(DescriptorLimit.refusal(of: "a node", limit: limit, least: DescriptorShares.least))
        }
        DescriptorReserve.shared.fill()
        // It needs one of its own, which it would otherwise ask for when the first process of a machine starts.
        _ = DescriptorWatcher.shared
        return DescriptorShares(of: limit)
    }

    /// Lets the runtime open the descriptors that it waits with. It would ask for that of a clock when the clock is
    /// first waited for, and wait for ever where there is none left.
    private static func openTimers() async {
        // Cancelled: the node ends anyway.
        try? await ContinuousClock().sleep(for: .nanoseconds(1))
        try? await SuspendingClock().sleep(for: .nanoseconds(1))
    }

    /// What is open before anything runs.
    struct Ready: Sendable {
        var record: NodeRecord
        var identity: Identity
        var bind: HostPort
        var addresses: [String]
        var journal: JournalThread
        var fleet: Fleet
        var storage: MemoryStorage
        var driver: any MachineDriver
        /// Filled as soon as there is one: it must stop with the journal.
        var hosting: Late<ReplicaHost>
        var failures: AsyncStream<AgentEnd>
        var ending: AsyncStream<AgentEnd>.Continuation
    }

    private func prepare() async throws(AgentError) -> Ready {
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
        return try open(record, identity, bind, addresses)
    }

    private func open(
        _ record: NodeRecord, _ identity: Identity, _ bind: HostPort, _ addresses: [String]
    ) throws(AgentError) -> Ready {
        let (failures, ending) = AsyncStream.makeStream(of: AgentEnd.self, bufferingPolicy: .bufferingOldest(16))
        do {
            let disk = FileSystemDisk()
            let (log, recovered, fleet) = try WriteAheadLog.open(
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
            let hosting = Late<ReplicaHost>()
            let journal = JournalThread(log, disk: disk, limits: .standard) { error in
                // Nothing that comes from now on may be acknowledged, and nobody may be kept from electing another.
                hosting.value?.halt()
                ending.yield(.failed(AgentError("the log can't be written: \(error)", exitCode: error.exitCode)))
            }
            return Ready(
                record: record, identity: identity, bind: bind, addresses: addresses, journal: journal,
                fleet: try state(fleet),
                storage: MemoryStorage(
                    hardState: recovered.hardState, snapshot: recovered.snapshot?.snapshot,
                    entries: recovered.entries),
                driver: try MachineDrivers.make(settings.hypervisor, in: directory), hosting: hosting,
                failures: failures, ending: ending)
        } catch {
            throw .of(error)
        }
    }

    /// The state to begin with; what was received of a leader's snapshot that is no newer is removed.
    private func state(_ restored: Fleet?) throws(AgentError) -> Fleet {
        let fleet = restored ?? Fleet()
        do throws(DiskError) {
            try SnapshotReceiver.cleanUp(directory.incoming, newerThan: LogIndex(fleet.appliedIndex))
        } catch {
            throw AgentError("\(error)")
        }
        return fleet
    }
}
