import API
import DriverPort
import Fleet
import Host
import Hypervisor
import Journal
import Logging
import Manifest
import Mesh
import NIOCore
import NIOPosix
import Primitives
import Raft
import Reconcile
import Replica

// What a node does from the moment on at which everything is open, until it is told to end.
extension NodeAgent {
    func serve(_ ready: Ready, _ descriptors: DescriptorShares) async throws(AgentError) {
        let raftGroup = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let apiGroup = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let bulkGroup = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let replica = Replica(
            identity: Replica.Identity(
                id: NodeID(ready.record.nodeID), key: ready.identity.publicKey, clusterID: ready.record.clusterID),
            storage: ready.storage, fleet: ready.fleet, seed: .random(in: .min ... .max), now: SystemClock.now(),
            wall: SystemClock.wallTime(), snapshotPolicy: settings.log.snapshotPolicy)
        try NodeKey.check(ready.identity, against: replica.fleet, ready.record, in: directory)
        // Gigabytes that nobody waits for: on loops that nothing urgent lives on, and never in the way of the log.
        let images = ImageStore(
            room: ImageStore.Room(
                directory: directory.images, keptBytes: Int64(4 * settings.log.journal.segmentBytes),
                freeBytes: { path throws(HostError) in try SystemFacts.freeDiskBytes(at: path) }),
            sources: ImageStore.Sources(
                directories: SourceDirectories(directories: settings.sourceDirectories), home: directory.path,
                pace: .standard),
            atOnce: min(ImageStore.atOnce, descriptors.files / 16), group: bulkGroup)
        do throws(AgentError) {
            try await images.prune()
        } catch {
            logger.warning("what is left of images takes room", metadata: ["error": "\(error)"])
        }
        let core = AgentCore(
            settings: settings, record: ready.record, identity: ready.identity, replica: replica,
            journal: ready.journal, driver: ready.driver,
            images: images, logger: logger, ending: ready.ending)
        ready.hosting.fill(core.host)
        let outgoing = OutgoingConnections(most: descriptors.outgoing)
        func dialer(on group: any EventLoopGroup) -> Dialer {
            Dialer(identity: ready.identity, group: group, countedBy: outgoing)
        }
        let network = PeerNetwork(
            dialer: dialer(on: raftGroup), settings: .standard, logger: logger
        ) { key, bytes in
            core.deliver(bytes, from: key)
        } dropped: { key in
            core.dropped(to: key)
        }
        let peers = PeerCalls(
            dialer: dialer(on: MultiThreadedEventLoopGroup.singleton),
            answerMilliseconds: PeerCalls.usualMilliseconds)
        let backend = AgentBackend(core: core, peers: peers) { stopMachines in
            if stopMachines { core.host.post(.haltMachines) } else { ready.ending.yield(.machinesHalted) }
        }
        let http = HTTPService(backend: backend, logger: logger)
        var router = Mesh.Router()
        router.route(.raft, to: network)
        router.route(.http, to: http)
        let snapshots = SnapshotExchange(core, directory: directory.incoming, dialer: dialer(on: bulkGroup))
        router.route(
            .stream,
            to: StreamServer(
                handlers: [SnapshotOffer.kind: snapshots.receiver], settings: .standard, logger: logger))
        do {
            let server = try MeshServer(
                identity: ready.identity, group: apiGroup, router: router,
                limits: ListenerLimits(descriptors), logger: logger
            ) { key, alpn in core.members.admission(of: key, for: alpn) }
            core.ports.addresses = ready.addresses
            let port = try await server.bind(host: ready.bind.host, port: ready.bind.port)
            core.attach(network: network, server: server, snapshots: snapshots)
            let bootstrap = BootstrapServer(
                backend: backend, sharing: http, limits: BootstrapLimits(descriptors), group: apiGroup, logger: logger)
            let bootstrapBind = settings.bootstrapBind ?? HostPort(host: ready.bind.host, port: port + 1000)
            _ = try await bootstrap.bind(host: bootstrapBind.host, port: bootstrapBind.port)
            core.host.start()
            logger.notice(
                "the node runs",
                metadata: [
                    "id": "\(ready.record.nodeID)", "cluster": "\(ready.record.clusterID)", "port": "\(port)",
                ])
            let end = await withTaskGroup(of: Void.self) { group in
                group.addTask { await server.run() }
                group.addTask { await core.machines.run() }
                group.addTask { await core.fetches.run() }
                group.addTask { await snapshots.sender.run() }
                let end = await run(core, peers, ready)
                logger.notice("the node ends")
                if case .failed = end { core.answers.failAll() } else { await core.handLeadershipOver() }
                await bootstrap.shutdown()
                await GracefulShutdown(server: server, http: http, timeouts: .standard) { core.answers.failAll() }
                    .perform()
                snapshots.sender.close()
                group.cancelAll()
                return end
            }
            await network.shutdown()
            await core.close()
            if case .failed(let error) = end { throw error }
        } catch {
            throw .of(error)
        }
    }

    /// Runs everything that runs beside the replica and the connections, until the node is to end.
    private func run(
        _ core: AgentCore, _ peers: PeerCalls, _ ready: Ready
    ) async -> AgentEnd {
        await withTaskGroup(of: AgentEnd?.self) { group in
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
