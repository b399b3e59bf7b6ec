import ArgumentParser
import JSONText
import Manifest

/// `blixard vm restart`: stops and starts the machine where it is.
struct MachineRestart: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart", abstract: "Restart a machine on its node; desired state stays as it is.",
        discussion: """
            Examples:
              blixard vm restart web
            """)

    @Argument(help: "The machine's name.")
    var name: String

    @OptionGroup var namespaceOptions: NamespaceOptions
    @OptionGroup var writeOptions: WriteOptions
    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        let client = try ClusterClient.open(connectionOptions, in: world)
        let name = try MachineName(name).name
        _ = try await ClusterWrite(client, writeOptions).send(
            "POST", APIPath.machine(namespaceOptions.namespace, name, "restart"), body: .object([:]))
        let subject = KindInfo.virtualMachine.key(namespace: namespaceOptions.namespace, name: name).resourceName
        try world.output.line("\(subject) restarted")
        await client.close()
    }
}
