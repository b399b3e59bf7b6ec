import ArgumentParser

/// `blixard down`: stops what `up` started.
struct Down: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "Stop the machines and the nodes that `up` started; desired state stays.",
        discussion: """
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
        let running = try UpNodes(world: world).running(state)
        guard !running.isEmpty else {
            try world.output.line("nothing runs in \(directory)")
            return
        }
        try await UpShutdown(world: world).run(state, running)
    }
}
