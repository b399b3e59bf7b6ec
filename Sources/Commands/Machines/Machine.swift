import ArgumentParser
import JSONText
import Manifest

/// `blixard vm`: machines by name; each verb is an edit of desired state or a look at it.
struct Machine: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vm", abstract: "List, create, start, stop, restart and delete machines by name.",
        subcommands: [
            MachineList.self, MachineStatus.self, MachineCreate.self, MachineStart.self, MachineStop.self,
            MachineRestart.self, MachineDelete.self, MachineLogs.self,
        ])
}

/// `blixard vm list`: the same as `get vms`.
struct MachineList: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "The same as `blixard get vms`.",
        discussion: """
            Examples:
              blixard vm list -o wide
            """)

    @OptionGroup var outputOptions: OutputOptions
    @OptionGroup var namespaceOptions: NamespaceOptions

    @Flag(name: [.customShort("A"), .long], help: "Machines of every namespace.")
    var allNamespaces = false

    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        let client = try ClusterClient.open(connectionOptions, in: world)
        let reading = ObjectReading(
            client: client, namespace: allNamespaces ? nil : namespaceOptions.namespace, query: [],
            format: try outputOptions.format(), ignoreNotFound: false)
        try await ObjectPrinting(
            reading: reading, selections: [ResourceSelection(kind: .virtualMachine, names: [])], withHeader: true
        ).run()
        await client.close()
    }
}

/// `blixard vm status`: how a machine is, in a few lines; or the object with `-o`.
struct MachineStatus: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show how a machine is.",
        discussion: """
            Examples:
              blixard vm status web
              blixard vm status web -o json
            """)

    @Argument(help: "The machine's name.", completion: .objects)
    var name: String

    @OptionGroup var outputOptions: OutputOptions
    @OptionGroup var namespaceOptions: NamespaceOptions
    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        let format = try outputOptions.format()
        let name = try MachineName(name).name
        let client = try ClusterClient.open(connectionOptions, in: world)
        if format.isTable {
            let object = try await client.object(.virtualMachine, namespace: namespaceOptions.namespace, name: name)
            try world.output.write(MachineSummary(object, now: world.clock.wallTime).text)
        } else {
            let reading = ObjectReading(
                client: client, namespace: namespaceOptions.namespace, query: [], format: format, ignoreNotFound: false)
            try await ObjectPrinting(
                reading: reading, selections: [ResourceSelection(kind: .virtualMachine, names: [name])],
                withHeader: true
            ).run()
        }
        await client.close()
    }
}

/// `blixard vm logs`: the same as `logs`.
struct MachineLogs: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "The same as `blixard logs`.",
        discussion: """
            Examples:
              blixard vm logs web -f
            """)

    @Argument(help: "The machine's name.", completion: .objects)
    var name: String

    @OptionGroup var options: LogOptions

    func run(in world: World) async throws { try await options.print(name, in: world) }
}

/// `blixard vm delete`: the same as `delete vm`.
struct MachineDelete: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "The same as `blixard delete vm`.",
        discussion: """
            Examples:
              blixard vm delete web
            """)

    @Argument(help: "The machines' names.", completion: .objects)
    var names: [String]

    @OptionGroup var options: DeleteOptions

    func run(in world: World) async throws {
        let namespace = options.namespaceOptions.namespace
        let keys = try names.map { KindInfo.virtualMachine.key(namespace: namespace, name: try MachineName($0).name) }
        let client = try ClusterClient.open(options.connectionOptions, in: world)
        try await options.delete(keys, client)
        await client.close()
    }
}
