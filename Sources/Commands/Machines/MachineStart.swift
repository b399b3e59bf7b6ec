import ArgumentParser
import Contract
import JSONText
import Manifest

/// `blixard vm start`: has a machine run that does not.
struct MachineStart: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Start a machine that does not run.",
        discussion: """
            It clears `stopped`, which `vm stop` sets, and asks the machine's node for a start that the runStrategy \
            alone would not make. The runStrategy stays as the manifest says; a machine whose runStrategy is Halted is \
            not started.

            Examples:
              blixard vm start web
              blixard vm start web --wait --timeout 1m
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
        var before: String?
        let outcome = try await start(machine, &before)
        try world.output.line(
            "\(machine.subject) \(outcome == .running ? "unchanged: it runs already" : outcome.rawValue)")
        if waiting.wait, outcome != .running { try await machine.wait(for: .started(lastBefore: before), waiting) }
        await client.close()
    }

    /// - Parameter lastBefore: Set to the time at which the newest process had been started before.
    private func start(
        _ machine: MachineByHand, _ lastBefore: inout String?
    ) async throws -> MachineVerbOutcome {
        var strategy = ""
        let isCleared = try await machine.edit(writeOptions) { object in
            strategy = object.runStrategy
            lastBefore = object.lastStartedAt
            if strategy == "Halted" {
                throw CommandFailure.error(
                    "\(machine.subject) was not started: its runStrategy is Halted, so it never runs; "
                        + "give it another one in its manifest and apply that")
            }
            return object.isStoppedByHand ? .patch(["spec": ["stopped": nil]]) : .nothing
        }
        // Its strategy starts such a machine whatever came before.
        if isCleared, strategy == "Always" { return .starting }
        do {
            return try await machine.ask(.start, done: "started")
        } catch let failure as CommandFailure where isCleared {
            throw CommandFailure(
                text: failure.text
                    + "\n\(machine.subject) is no longer stopped by hand; repeat the command to ask for the start")
        }
    }
}
