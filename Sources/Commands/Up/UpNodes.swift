import Host
import JSONText
import Primitives

/// The node processes of a state directory.
struct UpNodes {
    let world: World

    /// The processes that run: those that an `up` has started, and those that were started by hand.
    func running(_ state: UpState) throws -> [UpProcess] {
        try state.nodes.compactMap { node in
            guard let process = try process(of: node, in: state) else { return nil }
            return UpProcess(node: node, process: process, ranBefore: true)
        }
    }

    private func process(of node: UpState.Node, in state: UpState) throws -> (any RunningProcess)? {
        if let record = try record(state.processFile(of: node)), let process = try world.processes.find(record) {
            return process
        }
        // The process that has the log open is the node, however it was started.
        return try world.processes.holder(of: state.logLockFile(of: node))
    }

    /// The state with those members marked as such whose joining was not recorded, because that `up` was ended:
    /// their registry files name the cluster.
    func recognised(_ state: UpState) throws -> UpState {
        var state = state
        for position in state.nodes.indices where state.nodes[position].key == nil {
            let node = state.nodes[position]
            let path = "\(state.dataDirectory(of: node))/\(node.name)-registry.json"
            guard try LocalFiles.kind(of: path) != nil else { continue }
            // A file that says nothing proves nothing: then the node is let in again, which a member passes over.
            guard let json = try? JSON(parsing: try LocalFiles.read(path, limit: 64 << 10)),
                json["cluster_id"]?.string == state.clusterID,
                let key = json["node_key"]?.string.flatMap({ PublicKey(hex: $0) })
            else { continue }
            state.nodes[position].key = key
        }
        return state
    }

    /// The machines that outlive a node which does not run.
    func machinesLeft(by node: UpState.Node, in state: UpState) async throws -> [LeftMachine] {
        guard try LocalFiles.kind(of: state.dataDirectory(of: node)) != nil else { return [] }
        return try await world.nodes.machinesLeft(by: configuration(of: node, in: state))
    }

    private func record(_ path: String) throws -> ProcessRecord? {
        guard try LocalFiles.kind(of: path) != nil else { return nil }
        // A record that can't be read proves nothing: then no process is taken for that node.
        guard let json = try? JSON(parsing: try LocalFiles.read(path, limit: 4096)) else { return nil }
        return ProcessRecord(json)
    }

    /// Starts a node and remembers its process.
    ///
    /// - Parameter ticket: Lets a newcomer in. It travels in the environment, which others can't read.
    func start(_ node: UpState.Node, of state: UpState, ticket: String?) throws -> any RunningProcess {
        var environment = ["PATH=" + (world.variable("PATH") ?? "/usr/local/bin:/usr/bin:/bin"), "LC_ALL=C"]
        if let home = world.variable("HOME") { environment.append("HOME=" + home) }
        if let ticket { environment.append("\(NodeSetting.joinTicket.variable)=\(ticket)") }
        let process = try world.processes.spawnNode(
            arguments: configuration(of: node, in: state).commandLine, environment: environment,
            log: state.logFile(of: node))
        let path = state.processFile(of: node)
        do {
            try DurableFile.write(process.record.json.prettyBytes + [0x0a], to: path, mode: 0o600)
        } catch {
            process.terminate()
            throw CommandFailure.error("\(path): it can't be written: \(error)")
        }
        return process
    }

    /// How a node runs: as it did when the cluster was founded.
    func configuration(of node: UpState.Node, in state: UpState) -> NodeConfiguration {
        var configuration = NodeConfiguration(bind: node.address, dataDirectory: state.dataDirectory(of: node))
        configuration.id = node.id
        configuration.hypervisor = state.hypervisor
        configuration.sourceDirectories = state.sourceDirectories
        configuration.logLevel = state.logLevel
        let share = node.share ?? UpState.Share(of: world.processes, nodes: state.nodes.count)
        configuration.cpus = share.cpus
        configuration.memoryBytes = share.memoryBytes
        return configuration
    }

    /// The line that starts a node again.
    func commandLine(of node: UpState.Node, in state: UpState) -> String {
        ShellWords.join(["blixard"] + configuration(of: node, in: state).commandLine)
    }

    /// The last lines of a node's log, for an error.
    func lastLines(of node: UpState.Node, in state: UpState) -> String {
        // Without a log there is nothing to add to the error.
        guard let bytes = try? LocalFiles.tail(of: state.logFile(of: node), limit: 64 << 10) else { return "" }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").suffix(5)
        return lines.map { "\n  \($0)" }.joined()
    }
}
