import ArgumentParser
import JSONText
import Manifest

/// `blixard delete`: deletes objects, in one entry of the log, and waits until they are gone.
struct Delete: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete objects and wait until they are gone.",
        discussion: """
            A machine is gone when its node has said that its process and its disks are: until then it is Terminating,
            and the command says which node it waits for. Interrupting the wait does not undo the delete.

            Examples:
              blixard delete vm web db
              blixard delete -f cluster.json
              blixard delete vms -l app=web --wait=false
              blixard delete vm web --now
            """)

    @Argument(help: ArgumentHelp("TYPE NAME... or TYPE/NAME...", valueName: "resource"))
    var resources: [String] = []

    @OptionGroup var files: FileOptions
    @OptionGroup var namespaceOptions: NamespaceOptions

    @Option(
        name: [.customShort("l", allowingJoined: true), .long],
        help: ArgumentHelp("All objects with these labels.", valueName: "query"))
    var selector: String?

    @Flag(help: "All objects of the type in the namespace.")
    var all = false

    @Flag(inversion: .prefixedNo, exclusivity: .chooseLast, help: "Wait until the objects are gone.")
    var wait = true

    @Option(help: ArgumentHelp("How long to wait at most; 0 for as long as it takes.", valueName: "duration"))
    var timeout = DurationText(milliseconds: 0)

    @Option(
        name: .customLong("grace-period"), parsing: .unconditional,
        help: ArgumentHelp(
            "Seconds that a guest has to power off before it is killed; -1 for what its spec says.",
            valueName: "seconds"))
    var gracePeriod = -1

    @Flag(help: "The same as --grace-period 1.")
    var now = false

    @Flag(name: .customLong("ignore-not-found"), help: "No error for what does not exist.")
    var ignoreNotFound = false

    @Option(
        name: .customLong("dry-run"),
        help: ArgumentHelp("server: do everything but record it.", valueName: "none|server"))
    var dryRun: DryRun = .none

    @OptionGroup var writeOptions: WriteOptions
    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        guard gracePeriod >= -1 else {
            throw CommandFailure.error("--grace-period \(gracePeriod) must be -1 or more")
        }
        if now, gracePeriod > 1 {
            throw CommandFailure.error("--now and --grace-period cannot be specified together")
        }
        let client = try ClusterClient.open(connectionOptions, in: world)
        let keys = try await keys(client, in: world)
        guard !keys.isEmpty else {
            try world.output.line("No resources found")
            return
        }
        let write = try await ClusterWrite(client, writeOptions)
        var body = write.body
        body["objects"] = .array(
            keys.map { ["kind": .string($0.kind), "namespace": .string($0.namespace), "name": .string($0.name)] })
        body["ignoreNotFound"] = .bool(ignoreNotFound)
        if now || gracePeriod >= 0 { body["gracePeriodSeconds"] = .integer(now ? 1 : Int64(gracePeriod)) }
        let json = try await write.send("POST", APIPath.own + "/delete", query: dryRun.query, body: body)
        guard let report = WriteReport(json) else {
            throw ConnectionFailure.protocolViolation("the answer to a delete has no results")
        }
        for result in report.results { try world.output.line(Self.line(result) + dryRun.suffix) }
        if wait, dryRun == .none {
            try await DeletionWait(
                client: client, results: report.results.filter { $0.operation == "terminating" },
                timeoutMilliseconds: timeout.milliseconds == 0 ? nil : timeout.milliseconds
            ).run()
        }
        await client.close()
    }

    private func keys(_ client: ClusterClient, in world: World) async throws -> [ObjectKey] {
        if !files.filename.isEmpty {
            guard resources.isEmpty else {
                throw CommandFailure.error("cannot specify both a resource and -f: found \"\(resources[0])\"")
            }
            return try files.documents(verb: "delete", namespace: namespaceOptions, in: world).map(\.key)
        }
        let namespace = namespaceOptions.namespace
        var keys: [ObjectKey] = []
        for selection in try ResourceSelection.parse(resources) {
            var names = selection.names
            if names.isEmpty {
                guard all || selector != nil else {
                    throw CommandFailure.error(
                        "resource(s) were provided, but no name was specified: give names, -l or --all")
                }
                names = try await client.items(
                    selection.kind, namespace: namespace, query: selector.map { [("labelSelector", $0)] } ?? []
                ).compactMap(\.nameText)
            } else if all || selector != nil {
                throw CommandFailure.error("name cannot be provided when a selector or --all is specified")
            }
            keys += names.map { selection.kind.key(namespace: namespace, name: $0) }
        }
        return keys
    }

    static func line(_ result: WriteReport.Result) -> String {
        let subject = "\(result.key.kind.lowercased()).\(KindInfo.group) \"\(result.key.name)\""
        if result.operation == "cleared" {
            return "\(subject) cleared: it is a member of the cluster, so its object stays with nothing but defaults"
        }
        return result.key.namespace.isEmpty
            ? "\(subject) deleted" : "\(subject) deleted from \(result.key.namespace) namespace"
    }
}
