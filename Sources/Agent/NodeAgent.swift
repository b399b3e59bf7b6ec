import API
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
    private let settings: AgentSettings
    private let directory: NodeDirectory
    private let logger: Logger

    public init(_ settings: AgentSettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
        directory = NodeDirectory(settings.dataDirectory)
    }

    /// Runs the node; returns after SIGTERM, SIGINT, or a shutdown that was asked for through the API.
    ///
    /// - Throws: ``AgentError`` when the node can't start, or can't go on.
    public func run() async throws(AgentError) {
        try await serve(try await prepare())
    }

    /// What is open before anything runs.
    private struct Ready: Sendable {
        var record: NodeRecord
        var identity: Identity
        var bind: HostPort
        var addresses: [String]
        var journal: JournalThread
        var fleet: Fleet
        var storage: MemoryStorage
        var driver: any MachineDriver
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
        let identity: Identity
        do throws(MeshError) {
            identity = try Identity.loadOrCreate(at: directory.key)
        } catch {
            throw AgentError("\(error)")
        }
        let addresses = try DialableAddresses.of(bind: bind, advertise: settings.advertise)
        let record: NodeRecord
        if let known {
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
        let journalIdentity = JournalIdentity(
            clusterID: record.clusterID, nodeID: NodeID(record.nodeID), incarnation: 0)
        do {
            let disk = FileSystemDisk()
            let (log, recovered, fleet) = try WriteAheadLog.open(
                on: disk, directory: directory.journal, expecting: journalIdentity, parameters: settings.log.journal,
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
            let journal = JournalThread(log, disk: disk, limits: .standard) { error in
                ending.yield(.failed(AgentError("the log can't be written: \(error)", exitCode: error.exitCode)))
            }
            return Ready(
                record: record, identity: identity, bind: bind, addresses: addresses, journal: journal,
                fleet: try state(fleet),
                storage: MemoryStorage(
                    hardState: recovered.hardState, snapshot: recovered.snapshot?.snapshot,
                    entries: recovered.entries),
                driver: try driver(), failures: failures, ending: ending)
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

    /// About what a real machine takes.
    private static let simulatedTiming = SimulatedMachines.Timing(startMilliseconds: 50, stopMilliseconds: 50)

    private func driver() throws(AgentError) -> any MachineDriver {
        switch settings.hypervisor {
        case .simulated:
            do throws(MachineFailure) {
                return try SimulatedHypervisor(timing: Self.simulatedTiming, stateDirectory: directory.machines)
            } catch {
                throw AgentError("\(error)")
            }
        case .qemu:
            return QEMUDriver(
                QEMUDriver.Configuration(
                    machinesDirectory: directory.machines, cacheDirectory: directory.path,
                    systemEmulator: "qemu-system-x86_64", imageTool: "qemu-img", accelerator: .automatic,
                    simultaneousStarts: max(1, SystemFacts.processorCount)))
        }
    }

    // MARK: Running

    private func serve(_ ready: Ready) async throws(AgentError) {
        let raftGroup = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let apiGroup = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let bulkGroup = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let replica = Replica(
            identity: Replica.Identity(
                id: NodeID(ready.record.nodeID), key: ready.identity.publicKey, clusterID: ready.record.clusterID),
            storage: ready.storage, fleet: ready.fleet, seed: .random(in: .min ... .max), now: SystemClock.now(),
            wall: SystemClock.wallTime(), snapshotPolicy: settings.log.snapshotPolicy)
        let core = AgentCore(
            settings: settings, record: ready.record, identity: ready.identity, replica: replica,
            journal: ready.journal, driver: ready.driver,
            images: ImageStore(directory: directory.images, group: apiGroup), logger: logger, ending: ready.ending)
        let network = PeerNetwork(
            identity: ready.identity, group: raftGroup, settings: .standard, logger: logger
        ) { key, bytes in core.deliver(bytes, from: key) }
        let peers = PeerCalls(identity: ready.identity)
        let backend = AgentBackend(core: core, peers: peers) { stopMachines in
            if stopMachines { core.host.post(.haltMachines) } else { ready.ending.yield(.machinesHalted) }
        }
        let http = HTTPService(backend: backend, logger: logger)
        var router = Mesh.Router()
        router.route(.raft, to: network)
        router.route(.http, to: http)
        let snapshots = SnapshotExchange(core, directory: directory.incoming, group: bulkGroup)
        router.route(
            .stream,
            to: StreamServer(
                handlers: [SnapshotOffer.kind: snapshots.receiver], settings: .standard, logger: logger))
        do {
            let server = try MeshServer(
                identity: ready.identity, group: apiGroup, router: router, limits: .standard, logger: logger
            ) { key, alpn in core.members.admission(of: key, for: alpn) }
            core.ports.addresses = ready.addresses
            let port = try await server.bind(host: ready.bind.host, port: ready.bind.port)
            core.attach(network: network, server: server, snapshots: snapshots)
            let bootstrap = BootstrapServer(backend: backend, group: apiGroup, logger: logger)
            let bootstrapBind = settings.bootstrapBind ?? HostPort(host: ready.bind.host, port: port + 1000)
            _ = try await bootstrap.bind(host: bootstrapBind.host, port: bootstrapBind.port)
            core.host.start()
            logger.notice(
                "the node runs",
                metadata: [
                    "id": "\(ready.record.nodeID)", "cluster": "\(ready.record.clusterID)", "port": "\(port)",
                ])
            let end = await run(core, server, peers, ready)
            logger.notice("the node ends")
            http.endStreams()
            await bootstrap.shutdown()
            await server.shutdown(graceMilliseconds: 500)
            await network.shutdown()
            await core.close()
            if case .failed(let error) = end { throw error }
        } catch {
            throw .of(error)
        }
    }

    /// Runs everything that runs beside the replica, until the node is to end.
    private func run(
        _ core: AgentCore, _ server: MeshServer, _ peers: PeerCalls, _ ready: Ready
    ) async -> AgentEnd {
        await withTaskGroup(of: AgentEnd?.self) { group in
            group.addTask {
                await server.run()
                return nil
            }
            group.addTask {
                await core.watchPeers()
                return nil
            }
            group.addTask {
                await core.watchLeader(peers)
                return nil
            }
            group.addTask {
                await core.watchMachines()
                return nil
            }
            group.addTask {
                await tellFacts(core, ready)
                return nil
            }
            group.addTask {
                for await end in ready.failures { return end }
                return nil
            }
            group.addTask {
                await EndSignals.first()
                return .machinesHalted
            }
            for await end in group {
                guard let end else { continue }
                group.cancelAll()
                return end
            }
            return .machinesHalted
        }
    }

    /// Finds out what this host can run, and writes the file by which clients find the node.
    private func tellFacts(_ core: AgentCore, _ ready: Ready) async {
        let registry = RegistryFile(
            nodeID: ready.record.nodeID, key: ready.identity.publicKey, address: ready.bind.description,
            directAddresses: ready.addresses, relayURL: nil, clusterID: ready.record.clusterID)
        do throws(MeshError) {
            _ = try registry.write(to: directory.path + "/" + RegistryFile.name(nodeID: ready.record.nodeID))
        } catch {
            logger.warning("can't write the registry file", metadata: ["error": "\(error)"])
        }
        let capabilities = await ready.driver.capabilities
        var problem: String?
        if case .unavailable(let reason) = capabilities.availability { problem = reason }
        if let problem { logger.warning("no machine can run here", metadata: ["reason": "\(problem)"]) }
        let capacity = NodeResources(cpus: SystemFacts.processorCount, memoryBytes: SystemFacts.memoryBytes)
        core.host.post(
            .facts(
                NodeFacts(
                    version: settings.version, capacity: capacity,
                    allocatable: NodeResources(
                        cpus: (settings.cpus ?? capacity.cpus) * NodeLife.vcpusPerCPU,
                        memoryBytes: settings.memoryBytes ?? capacity.memoryBytes),
                    accelerator: capabilities.accelerator, hypervisorProblem: problem, addresses: ready.addresses)))
    }
}
