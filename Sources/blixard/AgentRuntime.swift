import Agent
import Commands
import Glibc
import Host
import Logging
import Mesh
import Primitives

/// Runs nodes in this process, for the commands that need one.
struct AgentRuntime: NodeRuntime {
    func initializeCluster(
        _ configuration: NodeConfiguration, administrator: PublicKey, administratorName: String
    ) async throws -> FoundedCluster {
        let id = configuration.id ?? 1
        let founded = try ClusterFounding.found(
            id: id, name: configuration.name, bind: try HostPort(configuration.bind ?? ""),
            advertise: configuration.advertise, administrator: administrator, administratorName: administratorName,
            log: logSize, in: NodeDirectory(configuration.dataDirectory))
        return FoundedCluster(
            clusterID: founded.clusterID,
            member: ContextMember(
                id: id, name: configuration.name ?? "node-\(id)", key: founded.nodeKey, addresses: founded.addresses))
    }

    func runNode(_ configuration: NodeConfiguration) async throws {
        do {
            try await run(configuration)
        } catch let error as AgentError {
            throw NodeFailure(error.description, exitCode: error.exitCode)
        }
    }

    func machinesLeft(by configuration: NodeConfiguration) async throws -> [LeftMachine] {
        try await machines(leftBy: configuration) { left throws(AgentError) in try await left.find() }
    }

    func stopMachines(leftBy configuration: NodeConfiguration) async throws -> [LeftMachine] {
        try await machines(leftBy: configuration) { left throws(AgentError) in try await left.stop() }
    }

    private func machines(
        leftBy configuration: NodeConfiguration,
        _ body: (LeftMachines) async throws(AgentError) -> [LeftMachines.Machine]
    ) async throws -> [LeftMachine] {
        let left = LeftMachines(
            in: NodeDirectory(configuration.dataDirectory),
            hypervisor: configuration.hypervisor == .qemu ? .qemu : .simulated)
        do throws(AgentError) {
            return try await body(left).map {
                LeftMachine(uid: $0.uid.description, pid: $0.pid, problem: $0.problem)
            }
        } catch {
            throw NodeFailure(error.description, exitCode: error.exitCode)
        }
    }

    private func run(_ configuration: NodeConfiguration) async throws {
        var logger = Logger(label: "blixard", factory: { _ in NodeLog() })
        logger.logLevel = Logger.Level(rawValue: configuration.logLevel) ?? .info
        let settings = AgentSettings(
            dataDirectory: configuration.dataDirectory,
            bind: try configuration.bind.map { try HostPort($0) },
            bootstrapBind: try configuration.bootstrapBind.map { try HostPort($0) },
            advertise: configuration.advertise,
            hypervisor: configuration.hypervisor == .qemu ? .qemu : .simulated, cpus: configuration.cpus,
            memoryBytes: configuration.memoryBytes, sourceDirectories: configuration.sourceDirectories,
            join: try await join(configuration), version: ProgramVersion.text, log: logSize)
        try await NodeAgent(settings, logger: logger).run()
    }

    /// Tests cut logs early.
    private var logSize: LogSize { getenv("BLIXARD_SMALL_LOG") == nil ? .standard : .small }

    /// Nil without a ticket. A node that has joined before needs none, and a ticket that is given again is not looked
    /// at.
    private func join(_ configuration: NodeConfiguration) async throws -> JoinSettings? {
        guard try NodeRecord.read(NodeDirectory(configuration.dataDirectory)) == nil,
            let text = try configuration.readJoinTicket()
        else { return nil }
        let ticket = try Ticket(text)
        var targets: [DialTarget] = []
        if let address = configuration.joinAddress {
            let trusted = ticket.members.map(\.key) + (configuration.expectedKey.map { [$0] } ?? [])
            targets = [try await BootstrapLookup.target(at: address, trusted: trusted)]
        }
        return JoinSettings(ticket: ticket, targets: targets, name: configuration.name)
    }
}
