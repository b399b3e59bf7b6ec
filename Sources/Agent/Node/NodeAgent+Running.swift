import API
import DriverPort
import Fleet
import Host
import Hypervisor
import Journal
import Logging
import Manifest
import Mesh
import Primitives
import Reconcile
import Replica

// What a node does from the moment on at which everything is there, until it is told to end.
extension NodeAgent {
    /// Listens, starts the replica, runs until the node is to end, and ends it.
    func serve(_ shells: NodeShells, _ opened: Opened) async throws {
        await removeLeftovers(of: shells.imageStore)
        let port = try await listen(shells, at: opened.bind)
        opened.host.start(performing: shells.performer.perform)
        logger.notice(
            "the node runs",
            metadata: [
                "id": "\(opened.record.nodeID)", "cluster": "\(opened.record.clusterID)", "port": "\(port)",
            ])
        let end = await run(shells, opened)
        await close(shells)
        if case .failed(let error) = end { throw error }
    }

    private func removeLeftovers(of images: ImageStore) async {
        do throws(AgentError) {
            try await images.prune()
        } catch {
            logger.warning("what is left of images takes room", metadata: ["error": "\(error)"])
        }
    }

    /// Opens both ports, dials the members in between, and answers the mesh's port.
    private func listen(_ shells: NodeShells, at bind: HostPort) async throws -> Int {
        let port = try await shells.server.bind(host: bind.host, port: bind.port)
        shells.membership.update()
        let bootstrapBind = settings.bootstrapBind ?? HostPort(host: bind.host, port: port + 1000)
        _ = try await shells.bootstrap.bind(host: bootstrapBind.host, port: bootstrapBind.port)
        return port
    }

    /// Runs the tasks of connections and of effects until the node is to end and serves nothing any more.
    ///
    /// Connections and effects outlast what tells the end: a request under way may need both for its answer. Then the
    /// driver's work is cut short, or finished where it nearly is, and is waited for; machines run on.
    private func run(_ shells: NodeShells, _ opened: Opened) async -> AgentEnd {
        let performer = shells.performer
        return await withTaskGroup(of: Void.self) { group in
            group.addTask { await shells.server.run() }
            group.addTask { await shells.bootstrap.run() }
            group.addTask { await performer.machines.run() }
            group.addTask { await performer.images.run() }
            group.addTask { await performer.sources.run() }
            group.addTask { await performer.snapshots.sender.run() }
            let end = await untilTheEnd(shells, opened)
            logger.notice("the node ends")
            await stopServing(shells, because: end)
            performer.snapshots.sender.close()
            group.cancelAll()
            return end
        }
    }

    /// Runs what watches the driver, the mesh and the members, until the node is to end.
    private func untilTheEnd(_ shells: NodeShells, _ opened: Opened) async -> AgentEnd {
        let core = shells.core
        return await withTaskGroup(of: AgentEnd?.self) { group in
            group.addTask {
                await core.watchPeers()
                return nil
            }
            group.addTask {
                await MemberDiscovery(core: core, calls: shells.peers, membership: shells.membership).run()
                return nil
            }
            group.addTask {
                await SecretsKeeper(core: core, calls: shells.peers).run()
                return nil
            }
            group.addTask {
                await watchMachines(core)
                return nil
            }
            group.addTask {
                await tellFacts(core, opened)
                return nil
            }
            group.addTask {
                for await end in opened.ends { return end }
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

    /// Answers what is being asked, accepts nothing new, and closes the connections.
    private func stopServing(_ shells: NodeShells, because end: AgentEnd) async {
        let core = shells.core
        if case .failed = end { core.answers.failAll() } else { await core.handLeadershipOver() }
        await shells.bootstrap.shutdown()
        await GracefulShutdown(server: shells.server, http: shells.http, timeouts: .standard) { core.answers.failAll() }
            .perform()
    }

    /// Ends the replica, fails what still waits, and lets driver and journal finish what they write. Machines keep
    /// running.
    private func close(_ shells: NodeShells) async {
        let core = shells.core
        await core.network.shutdown()
        core.revisions.close()
        // Behind a snapshot that is being encoded.
        await shells.performer.snapshotPool.run { () throws(Never) in core.host.close() }
        core.answers.failAll()
        await MachineDrivers.close(core.driver)
        await withCheckedContinuation { continuation in
            core.journal.stop { continuation.resume() }
        }
    }

    private func watchMachines(_ core: AgentCore) async {
        await MachineWatch(driver: core.driver) {
            core.host.post($0)
        } report: { failure in
            logger.warning("can't list machines", metadata: ["error": "\(failure)"])
        }.run()
    }

    /// Finds out what this host can run, and writes the file by which clients find the node.
    private func tellFacts(_ core: AgentCore, _ opened: Opened) async {
        let registry = RegistryFile(
            nodeID: opened.record.nodeID, key: opened.identity.publicKey, address: opened.bind.description,
            directAddresses: opened.addresses, relayURL: nil, clusterID: opened.record.clusterID)
        do throws(MeshError) {
            _ = try registry.write(to: directory.path + "/" + RegistryFile.name(nodeID: opened.record.nodeID))
        } catch {
            logger.warning("can't write the registry file", metadata: ["error": "\(error)"])
        }
        let capabilities = await opened.driver.capabilities
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
                    accelerator: capabilities.accelerator, hypervisorProblem: problem, addresses: opened.addresses)))
    }
}

/// Why a node ends by itself.
enum AgentEnd: Sendable {
    case machinesHalted
    case failed(AgentError)
}
