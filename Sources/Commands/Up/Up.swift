import ArgumentParser
import Host
import JSONText
import Manifest

/// `blixard up`: a cluster on this host, from nothing, with the machines of some manifests.
struct Up: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Start a cluster on this host, and apply manifests to it.",
        discussion: """
            The first `up` founds the cluster; every further one starts the same cluster again, and its -f is an apply \
            like any other. Ctrl-C, and `blixard down`, stop the machines and then the nodes; what you want of the \
            cluster stays as it is. With --detach it returns, and everything runs on.

            A node that ends is not revived: `up` says so and prints the line that starts it.

            Examples:
              blixard up
              blixard up -f manifests/quickstart
              blixard up --nodes 1 --hypervisor simulated --detach
              blixard down
            """)

    @OptionGroup var files: FileOptions
    @OptionGroup var namespaceOptions: NamespaceOptions

    @Option(help: ArgumentHelp("How many nodes the cluster has (default: 3).", valueName: "count"))
    var nodes: Int?

    @Option(name: .customLong("data-dir"), help: ArgumentHelp("Where the cluster's state is.", valueName: "directory"))
    var dataDirectory: String?

    @Option(help: ArgumentHelp("What runs machines (default: qemu).", valueName: "qemu|simulated"))
    var hypervisor: String?

    @Option(
        name: .customLong("base-port"),
        help: ArgumentHelp("The port of the first node; the others follow (default: 7001).", valueName: "port"))
    var basePort: Int?

    @Option(
        name: .customLong("source-dir"), parsing: .singleValue,
        help: ArgumentHelp(
            "A directory that images may be read from; kept for the next `up`. Repeatable.", valueName: "directory"))
    var sourceDirectories: [String] = []

    @Flag(help: "Return when everything runs, instead of staying.")
    var detach = false

    @Option(help: ArgumentHelp("How long nodes and machines may take to get ready.", valueName: "duration"))
    var timeout = DurationText(milliseconds: 120_000)

    func run(in world: World) async throws {
        // What is wrong with the manifests is said before anything is started.
        let documents =
            files.filename.isEmpty ? [] : try files.documents(verb: "up", namespace: namespaceOptions, in: world)
        let directory = LocalFiles.absolute(try dataDirectory ?? UpState.defaultDirectory(in: world.environment))
        do {
            try DurableFile.createDirectory(directory)
        } catch {
            throw CommandFailure.error("\(directory): it can't be created: \(error)")
        }
        let plan = try UpRequest(
            nodes: nodes, basePort: basePort, hypervisor: hypervisor, sourceDirectories: sourceDirectories
        ).plan(directory, in: world)
        guard let ownership = try world.processes.lock(plan.lockFile) else {
            throw UpMessages.runsAlready(directory, running: try UpNodes(world: world).running(plan))
        }
        defer { ownership.release() }
        let running = try UpNodes(world: world).running(plan)
        guard running.isEmpty else { throw UpMessages.runsAlready(directory, running: running) }

        // From here on an interrupt stops what was started.
        _ = world.interruptCount()
        let session = UpSession(world: world, timeoutMilliseconds: timeout.milliseconds)
        try await session.run(plan, documents: documents, detach: detach)
    }
}
