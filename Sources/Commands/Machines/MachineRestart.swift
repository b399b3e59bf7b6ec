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

    @Argument(help: "The machine's name.", completion: .objects)
    var name: String

    @OptionGroup var namespaceOptions: NamespaceOptions
    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        let client = try ClusterClient.open(connectionOptions, in: world)
        let name = try MachineName(name).name
        let subject = KindInfo.virtualMachine.key(namespace: namespaceOptions.namespace, name: name).resourceName
        do {
            // Sent once: a second one would end the guest that the first one has just started.
            _ = try await client.connection.send(
                "POST", APIPath.machine(namespaceOptions.namespace, name, "restart"), query: [], body: nil,
                contentType: nil, request: nil)
        } catch {
            guard error.isOutcomeUnknown else { throw error }
            throw CommandFailure(
                text: """
                    error: outcome unknown: \(subject) may have been restarted, or may be yet
                    \(error.text)
                    See `blixard vm status \(name)` before you ask for another restart.
                    """)
        }
        try world.output.line("\(subject) restarted")
        await client.close()
    }
}
