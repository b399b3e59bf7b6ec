import ArgumentParser

/// `blixard down`: stops what `up` started.
struct Down: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "Stop the machines and the nodes of a cluster of `up`; desired state stays.",
        discussion: """
            Machines whose node does not run any more are stopped as well. What could not be stopped is said, with its \
            process, and the exit code is 1.

            Examples:
              blixard down
            """)

    @Option(name: .customLong("data-dir"), help: ArgumentHelp("Where the cluster's state is.", valueName: "directory"))
    var dataDirectory: String?

    func run(in world: World) async throws {
        let directory = LocalFiles.absolute(try dataDirectory ?? UpState.defaultDirectory(in: world.environment))
        guard let state = try UpState.load(from: directory) else {
            throw CommandFailure.error("no cluster was started in \(directory); --data-dir names another directory")
        }
        let nodes = UpNodes(world: world)
        // An interrupt from here on ends the nodes, and is no reason to leave the rest unsaid.
        _ = world.interruptCount()
        let listener = PatientOutput(world)
        var running = try nodes.running(state)
        var left = 0
        for node in state.nodes where !running.contains(where: { $0.node.id == node.id }) {
            // What can't be told is said when it is to be stopped.
            left += (try? await nodes.machinesLeft(by: node, in: state).count) ?? 1
        }
        guard !running.isEmpty || left > 0 else {
            try world.output.line("nothing runs in \(directory)")
            return
        }
        // An `up` that is at work may start one more node meanwhile.
        for _ in 0..<Self.rounds where !running.isEmpty || left > 0 {
            try await UpShutdown(world: listener.world).run(try nodes.recognised(state), running)
            left = 0
            running = try nodes.running(state)
        }
        guard running.isEmpty else {
            let names = running.map { "\($0.node.name) (pid \($0.process.record.pid))" }.joined(separator: ", ")
            throw CommandFailure.error("\(names) was started meanwhile; end the `blixard up` that does it first")
        }
        try listener.report()
    }

    private static let rounds = 3
}
