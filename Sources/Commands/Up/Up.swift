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
            cluster stays as it is. With --detach it returns, and everything runs on; so it does when the terminal \
            is closed.

            A node that ends is not revived: `up` says so and prints the line that starts it. A further `up` starts \
            the nodes that do not run, as they ran before. One that fails or is interrupted ends only what it \
            started itself: nodes and machines that ran before run on.

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

    @Flag(
        name: .customLong("no-source-dirs"),
        help: "Images may be read from no directory any more: forgets those that an earlier `up` was given.")
    var noSourceDirectories = false

    @Option(
        name: .customLong("log-level"),
        help: ArgumentHelp("What nodes that it starts write into their logs (default: info).", valueName: "level"))
    var logLevel: String?

    @Flag(help: "Return when everything runs, instead of staying.")
    var detach = false

    @Option(help: ArgumentHelp("How long nodes and machines may take to get ready.", valueName: DurationText.valueName))
    var timeout = DurationText(milliseconds: 120_000)

    func run(in world: World) async throws {
        // What is wrong with the manifests is said before anything is started.
        let documents =
            files.filename.isEmpty ? [] : try await files.documents(verb: "up", namespace: namespaceOptions, in: world)
        let directory = LocalFiles.absolute(try dataDirectory ?? UpState.defaultDirectory(in: world.environment))
        let request = UpRequest(
            nodes: nodes, basePort: basePort, hypervisor: hypervisor, logLevel: logLevel,
            sourceDirectories: sourceDirectories, forgetsSourceDirectories: noSourceDirectories)
        // What can't be started leaves no directory behind.
        var plan = try request.plan(directory, in: world)
        do {
            try DurableFile.createDirectory(directory)
        } catch {
            throw CommandFailure.error("\(directory): it can't be created: \(error)")
        }
        guard let ownership = try world.processes.lock(plan.lockFile) else {
            throw try UpMessages.isTaken(plan, running: try UpNodes(world: world).running(plan), in: world)
        }
        defer { ownership.release() }
        // Another `up` may have founded the cluster since.
        plan = try request.plan(directory, in: world)
        let running = try UpNodes(world: world).running(plan)
        guard running.count < plan.nodes.count else { throw UpMessages.runsAlready(directory, running: running) }
        let missing = plan.nodes.filter { node in !running.contains { $0.node.id == node.id } }
        try UpRequest.requirePorts(of: missing, of: plan, in: world)

        // From here on an interrupt ends what was started.
        _ = world.interruptCount()
        let listener = PatientOutput(world)
        let session = UpSession(world: listener.world, timeoutMilliseconds: timeout.milliseconds)
        try await session.run(plan, running: running, documents: documents, detach: detach)
        try listener.report()
    }
}
