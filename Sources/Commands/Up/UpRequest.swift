/// What the flags of `up` ask for, against what is there already.
struct UpRequest {
    var nodes: Int?
    var basePort: Int?
    var hypervisor: String?
    var logLevel: String?
    /// Takes the place of what was named before; empty keeps that.
    var sourceDirectories: [String] = []
    /// Whether what was named before is forgotten.
    var forgetsSourceDirectories = false

    static let defaultLogLevel = "info"
    static let defaultNodes = 3
    static let defaultBasePort = 7001
    static let largestNodes = 31
    /// The bootstrap port lies so far above the mesh port.
    static let bootstrapOffset = 1000

    /// The state that is there, or that of a new cluster, which is not saved yet.
    func plan(_ directory: String, in world: World) throws -> UpState {
        let wanted = try hypervisor.map { text throws(CommandFailure) -> NodeConfiguration.HypervisorName in
            guard let name = NodeConfiguration.HypervisorName(rawValue: text) else {
                throw .error("--hypervisor \"\(text)\" must be qemu or simulated")
            }
            return name
        }
        if let logLevel, !NodeConfiguration.logLevels.contains(logLevel) {
            throw CommandFailure.error(
                "--log-level \"\(logLevel)\" must be one of \(NodeConfiguration.logLevels.joined(separator: ", "))")
        }
        if let nodes, !(1...Self.largestNodes).contains(nodes) {
            throw CommandFailure.error("--nodes \(nodes) must be 1 to \(Self.largestNodes)")
        }
        let existing = try UpState.load(from: directory)
        var state = try existing.map { try check($0, wanted: wanted) } ?? fresh(directory, wanted ?? .qemu, in: world)
        if forgetsSourceDirectories {
            guard sourceDirectories.isEmpty else {
                throw CommandFailure.error("--no-source-dirs and --source-dir exclude each other")
            }
            state.sourceDirectories = []
        }
        if !sourceDirectories.isEmpty {
            guard let list = SourceDirectoryList(sourceDirectories) else {
                throw CommandFailure.error(
                    "--source-dir \"\(sourceDirectories.joined(separator: ":"))\" \(SourceDirectoryList.rule)")
            }
            state.sourceDirectories = list.directories
        }
        if state.hypervisor == .qemu { try requireQEMU(in: world) }
        return state
    }

    private func check(_ state: UpState, wanted: NodeConfiguration.HypervisorName?) throws -> UpState {
        if let nodes, nodes != state.nodes.count {
            throw CommandFailure.error(
                "--nodes \(nodes): the cluster in \(state.directory) has \(state.nodes.count); "
                    + "another --data-dir makes another cluster")
        }
        if let wanted, wanted != state.hypervisor {
            throw CommandFailure.error(
                "--hypervisor \(wanted.rawValue): the cluster in \(state.directory) runs machines with "
                    + "\(state.hypervisor.rawValue); another --data-dir makes another cluster")
        }
        if let basePort, basePort != state.nodes[0].port {
            throw CommandFailure.error(
                "--base-port \(basePort): the cluster in \(state.directory) begins at port \(state.nodes[0].port); "
                    + "another --data-dir makes another cluster")
        }
        var state = state
        // Nodes that are started from now on have it, and keep it.
        if let logLevel { state.logLevel = logLevel }
        return state
    }

    private func fresh(
        _ directory: String, _ hypervisor: NodeConfiguration.HypervisorName, in world: World
    ) throws -> UpState {
        let count = nodes ?? Self.defaultNodes
        let first = basePort ?? Self.defaultBasePort
        guard (1...65_535).contains(first), first + count - 1 + Self.bootstrapOffset <= 65_535 else {
            throw CommandFailure.error(
                "--base-port \(first) must be 1 to \(65_535 - Self.bootstrapOffset - count + 1) for \(count) nodes")
        }
        let ports = (first..<first + count).flatMap { [$0, $0 + Self.bootstrapOffset] }.sorted()
        if let taken = ports.first(where: { !world.processes.isPortFree($0) }) {
            throw CommandFailure.error(
                "port \(taken) of 127.0.0.1 is in use; the nodes need the ports \(first) to \(first + count - 1) and "
                    + "those \(Self.bootstrapOffset) above: choose others with --base-port")
        }
        let share = UpState.Share(of: world.processes, nodes: count)
        return UpState(
            directory: directory, clusterID: "", hypervisor: hypervisor, logLevel: logLevel ?? Self.defaultLogLevel,
            nodes: (0..<count).map { UpState.Node(id: UInt64($0 + 1), port: first + $0, key: nil, share: share) })
    }

    /// Throws if another program has a port of a node that is to be started.
    static func requirePorts(of nodes: [UpState.Node], of state: UpState, in world: World) throws {
        for node in nodes {
            for port in [node.port, node.port + bootstrapOffset] where !world.processes.isPortFree(port) {
                throw CommandFailure.error(
                    """
                    port \(port) of 127.0.0.1, which \(node.name) needs, is in use by another program; nothing was \
                    started
                    To see which:  ss -ltnp 'sport = :\(port)'
                    The cluster in \(state.directory) keeps its ports: end that program, then run `blixard up` again.
                    """)
            }
        }
    }

    private func requireQEMU(in world: World) throws {
        let architecture = world.processes.machineArchitecture
        let program = "qemu-system-\(architecture)"
        let path = world.variable("PATH") ?? "/usr/local/bin:/usr/bin:/bin"
        guard !world.processes.hasProgram(program, path: path) else { return }
        let package = architecture == "aarch64" ? "qemu-system-arm" : "qemu-system-x86"
        throw CommandFailure.error(
            """
            QEMU is missing: there is no \(program) in PATH
            Get it with one of:
              apt install \(package) qemu-utils      # Debian, Ubuntu
              dnf install qemu-kvm qemu-img          # Fedora, RHEL
              pacman -S qemu-base                    # Arch
            Or go without: --hypervisor simulated keeps machines in memory.
            """)
    }
}
