import ArgumentParser
import Glibc
import Host

/// The flags of every benchmark.
struct BenchmarkOptions: ParsableArguments {
    @Flag(help: "Run each benchmark as small as can be: it shows that it works, and measures nothing.")
    var smoke = false

    @Option(
        help: ArgumentHelp("The program to measure (default: `blixard` beside this program).", valueName: "path"))
    var program: String?

    @Option(
        help: ArgumentHelp(
            "Where the nodes' data lies while it is measured; it should be on a real disk (default: TMPDIR or /tmp).",
            valueName: "directory"))
    var directory: String?

    @Option(
        help: ArgumentHelp("How many samples are taken, instead of each benchmark's own number.", valueName: "count"))
    var rounds: Int?

    @Option(
        help: ArgumentHelp(
            "How many machines there are in apply, converge, get and sets, instead of each benchmark's own number.",
            valueName: "count"))
    var machines: Int?

    func validate() throws {
        if let rounds, rounds < 1 { throw ValidationError("--rounds \(rounds) must be at least 1") }
        if let machines, machines < 1 { throw ValidationError("--machines \(machines) must be at least 1") }
    }

    /// Carries benchmarks out and prints what came of them. Whatever happens, the processes are ended.
    func run(_ benchmarks: [any Benchmark.Type]) async throws {
        Signals.ignoreBrokenPipe()
        let place = try Workplace(
            program: program ?? Self.siblingProgram(), parent: directory ?? Self.temporaryDirectory, isSmoke: smoke,
            rounds: rounds, machines: machines)
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for benchmark in benchmarks {
                        let report = try await benchmark.measure(in: place)
                        print(report.text(of: benchmark, in: place))
                        await place.endProcesses()
                    }
                }
                group.addTask {
                    try await Interruption.wait()
                    // The benchmark fails at once when its nodes are gone.
                    await place.close()
                    throw BenchmarkFailure("interrupted")
                }
                defer { group.cancelAll() }
                try await group.next()
            }
        } catch {
            let logs = place.lastLogLines()
            await place.close()
            guard Interruption.count == 0 else { throw BenchmarkFailure("interrupted") }
            throw BenchmarkFailure("\(error)\(logs)")
        }
        await place.close()
    }

    private static var temporaryDirectory: String {
        getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    }

    private static func siblingProgram() throws -> String {
        guard let own = Files.target(ofLink: "/proc/self/exe") else {
            throw BenchmarkFailure("this program's own path can't be read; say with --program which one to measure")
        }
        return Files.parent(of: own) + "/blixard"
    }
}
