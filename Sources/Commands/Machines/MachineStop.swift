import ArgumentParser
import JSONText
import Manifest

/// `blixard vm stop`: wants a machine not to run until a user starts it.
struct MachineStop: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Stop a machine: its guest is asked to power off.",
        discussion: """
            It sets `stopped`; the runStrategy stays as the manifest says. `vm start` clears it, and so does applying \
            the manifest again.

            Examples:
              blixard vm stop web
              blixard vm stop web --wait
            """)

    @Argument(help: "The machine's name.", completion: .objects)
    var name: String

    @OptionGroup var waiting: MachineWaitOptions
    @OptionGroup var namespaceOptions: NamespaceOptions
    @OptionGroup var writeOptions: WriteOptions
    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        let client = try ClusterClient.open(connectionOptions, in: world)
        let machine = MachineByHand(
            client: client, namespace: namespaceOptions.namespace, name: try MachineName(name).name)
        var reason = ""
        let isChanged = try await machine.edit(writeOptions) { object in
            guard object.runStrategy == "Halted" || object.isStoppedByHand else {
                return .patch(["spec": ["stopped": true]])
            }
            reason = object.isStoppedByHand ? "it is stopped by hand already" : "its runStrategy is Halted"
            let phase = object["status"]?["phase"]?.string ?? "Pending"
            if phase != "Stopped" { reason += ", and it is \(phase)" }
            return .nothing
        }
        try world.output.line("\(machine.subject) \(isChanged ? "stopping" : "unchanged: \(reason)")")
        if waiting.wait { try await machine.wait(for: .stopped, waiting) }
        await client.close()
    }
}
