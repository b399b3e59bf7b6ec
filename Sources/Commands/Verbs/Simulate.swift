import ArgumentParser
import Simulation

/// `blixard simulate`: whole clusters in one thread, each from one seed.
struct Simulate: ProgramCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run simulated clusters with faults, and check what they promise.",
        discussion: """
            Each seed is one cluster with its own network, disks, clocks, machines, users and faults. The same seed gives \
            the same run, byte for byte. A seed that breaks a promise, traps or hangs is printed with a schedule made as \
            small as it gets and the line that replays it; the exit code is then 1.

            Examples:
              blixard simulate --seeds 100 --jobs 2
              blixard simulate --fresh --minutes 10 --jobs 2
              blixard simulate --seed 42 --trace
            """)

    @Option(help: "The first seed (default: 1).")
    var seed: String?

    @Flag(help: "Draw the first seed from the system, and print it.")
    var fresh = false

    @Option(help: "How many seeds, each one more than the one before (default: 1, or no end with a time).")
    var seeds: String?

    @Option(help: "Begin no more seeds after this many seconds.")
    var seconds: String?

    @Option(help: "Begin no more seeds after this many minutes.")
    var minutes: String?

    @Option(help: "How many seeds run at once, each in a process of its own (default: 1).")
    var jobs: String?

    @Option(help: "How long a seed may take before it counts as hung, in seconds (default: 180).")
    var patience: String?

    @Option(help: "Nodes of each cluster, 1 to 9 (default: each seed draws its own).")
    var nodes: String?

    @Option(help: "How hard the faults are, in percent (default: 100; 0 is a perfect world).")
    var strength: String?

    @Option(help: "How long faults go on (default: 60000).")
    var faultMilliseconds: String?

    @Option(help: "Plant a mistake that must be found.")
    var bug: String?

    @Option(help: "Leave out these kinds of faults, such as lost-message,crash.")
    var without: String?

    @Option(help: "Carry out only these strikes of the schedule, by number, or none.")
    var strikes: String?

    @Option(help: "At most so many users.")
    var users: String?

    @Flag(help: "Print everything that happens.")
    var trace = false

    @Flag(help: "Print the digest of each seed's trace.")
    var digests = false

    @Flag(help: "Do not make the schedules of failed seeds smaller.")
    var noShrink = false

    @Flag(help: .hidden)
    var worker = false

    /// The words of `blixard-simulate` for the same.
    private var words: [String] {
        let values: [(String, String?)] = [
            ("--seed", seed), ("--seeds", seeds), ("--seconds", seconds), ("--minutes", minutes), ("--jobs", jobs),
            ("--patience", patience), ("--nodes", nodes), ("--strength", strength),
            ("--fault-milliseconds", faultMilliseconds), ("--bug", bug),
            ("--without", without), ("--strikes", strikes), ("--users", users),
        ]
        let flags = [
            ("--fresh", fresh), ("--trace", trace), ("--digests", digests), ("--no-shrink", noShrink),
            ("--worker", worker),
        ]
        return values.flatMap { name, value in value.map { [name, $0] } ?? [] }
            + flags.flatMap { name, isSet in isSet ? [name] : [] }
    }

    func validate() throws {
        do throws(SimulationUsageError) {
            _ = try SimulationRequest(words, fresh: { 1 })
        } catch {
            throw ValidationError(error.description)
        }
    }

    func run(in world: World) async throws {
        var closed: OutputClosed?
        let code = SimulationCommandLine.run(words, as: ["simulate"]) { line in
            guard closed == nil else { return }
            do throws(OutputClosed) {
                try world.output.lines(line)
            } catch {
                closed = error
            }
        }
        if let closed { throw closed }
        if code != 0 { throw CommandFailure.silent(exitCode: code) }
    }
}
