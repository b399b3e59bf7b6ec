import ArgumentParser
import JSONText
import Manifest

/// `blixard vm start`: wants a halted machine to run.
struct MachineStart: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Set runStrategy from Halted to Always.",
        discussion: """
            Examples:
              blixard vm start web
            """)

    @Argument(help: "The machine's name.", completion: .objects)
    var name: String

    @OptionGroup var namespaceOptions: NamespaceOptions
    @OptionGroup var writeOptions: WriteOptions
    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        try await RunStrategyEdit(name: name, namespace: namespaceOptions.namespace, options: writeOptions).run(
            try ClusterClient.open(connectionOptions, in: world), done: "started"
        ) { $0 == "Halted" ? .write("Always") : .keep }
    }
}

/// `blixard vm stop`: wants a machine not to run.
struct MachineStop: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Set runStrategy to Halted: the guest is asked to power off.",
        discussion: """
            Examples:
              blixard vm stop web
            """)

    @Argument(help: "The machine's name.", completion: .objects)
    var name: String

    @OptionGroup var namespaceOptions: NamespaceOptions
    @OptionGroup var writeOptions: WriteOptions
    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        try await RunStrategyEdit(name: name, namespace: namespaceOptions.namespace, options: writeOptions).run(
            try ClusterClient.open(connectionOptions, in: world), done: "stopped"
        ) { $0 == "Halted" ? .keep : .write("Halted") }
    }
}

/// Writes `spec.runStrategy` of a machine.
struct RunStrategyEdit {
    enum Decision {
        case write(String)
        case keep
    }

    let name: String
    let namespace: String
    let options: WriteOptions

    /// - Parameters:
    ///   - done: What the success line says.
    ///   - decide: What becomes of the strategy that the machine has.
    func run(_ client: ClusterClient, done: String, decide: (String) -> Decision) async throws {
        let name = try MachineName(name).name
        let edit = ObjectEdit(
            client: client, kind: .virtualMachine, namespace: namespace, name: name, options: options)
        var strategy = "Always"
        let changed = try await edit.run { object in
            strategy = object["spec"]?["runStrategy"]?.string ?? "Always"
            switch decide(strategy) {
            case .keep: return .nothing
            case .write(let new): return .patch(["spec": ["runStrategy": .string(new)]])
            }
        }
        let subject = KindInfo.virtualMachine.key(namespace: namespace, name: name).resourceName
        try client.world.output.line(
            "\(subject) " + (changed ? done : "unchanged: its runStrategy is \(strategy) already"))
        await client.close()
    }
}
