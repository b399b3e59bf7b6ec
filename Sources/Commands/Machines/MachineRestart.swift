import ArgumentParser
import Contract
import JSONText
import Manifest

/// `blixard vm restart`: ends the machine's process, if it has one, and starts it where it is.
struct MachineRestart: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart", abstract: "Restart a machine on its node; desired state stays as it is.",
        discussion: """
            A machine that is off is started, whatever its runStrategy is. One that is stopped by hand or Halted is \
            left as it is, and the error says what to do.

            Examples:
              blixard vm restart web
              blixard vm restart web --wait
            """)

    @Argument(help: "The machine's name.", completion: .objects)
    var name: String

    @OptionGroup var waiting: MachineWaitOptions
    @OptionGroup var namespaceOptions: NamespaceOptions
    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        let client = try ClusterClient.open(connectionOptions, in: world)
        let machine = MachineByHand(
            client: client, namespace: namespaceOptions.namespace, name: try MachineName(name).name)
        let before = waiting.wait ? try await machine.lastStartedAt() : nil
        let outcome = try await machine.ask(.restart, done: "restarted")
        try world.output.line("\(machine.subject) \(outcome.rawValue)")
        if waiting.wait {
            try await machine.wait(
                for: outcome == .starting ? .started(lastBefore: before) : .restarted(lastBefore: before), waiting)
        }
        await client.close()
    }
}
