import ArgumentParser
import Simulation

/// `blixard simulate`: whole clusters in one thread, each from one seed.
struct Simulate: ProgramCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run simulated clusters with faults, and check what they promise.",
        discussion: """
            Each seed is one cluster with its own network, disks, machines, users and faults. The same seed gives the \
            same run, byte for byte. A seed that breaks a promise is printed with the line that replays it; the exit \
            code is then 1.

            Examples:
              blixard simulate --seeds 100
              blixard simulate --seed 42 --trace
            """)

    @Option(help: "The first seed.")
    var seed: UInt64 = 1

    @Option(help: "How many seeds, each one more than the one before.")
    var seeds = 1

    @Option(help: "Nodes of each cluster: 1 to 9.")
    var nodes = 3

    @Flag(help: "Print everything that happens.")
    var trace = false

    func validate() throws {
        guard seeds > 0 else { throw ValidationError("--seeds must be 1 or more") }
        guard (1...9).contains(nodes) else { throw ValidationError("--nodes must be 1 to 9") }
    }

    func run(in world: World) async throws {
        var closed: OutputClosed?
        let code = SimulationCommandLine.run(seed: seed, seeds: seeds, nodes: nodes, trace: trace) { line in
            guard closed == nil else { return }
            do throws(OutputClosed) {
                try world.output.line(line)
            } catch {
                closed = error
            }
        }
        if let closed { throw closed }
        if code != 0 { throw CommandFailure.silent(exitCode: code) }
    }
}
