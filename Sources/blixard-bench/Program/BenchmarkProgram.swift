import ArgumentParser

/// Where the program begins. Every subcommand is one benchmark of the real `blixard` program.
@main
struct BenchmarkProgram: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "blixard-bench",
        abstract: "Measure the blixard program on this host.",
        discussion: """
            Every benchmark starts real nodes of the `blixard` program on the loopback interface, with data directories,
            keys and ports of their own, and ends them, and only them. Build both programs with `-c release`, and give
            the host nothing else to do.

            Examples:
              blixard-bench apply
              blixard-bench get --machines 10000
              blixard-bench boot --program /usr/local/bin/blixard
              blixard-bench all --smoke
            """,
        subcommands: [
            JSONBenchmark.self, ApplyBenchmark.self, CommitBenchmark.self, ConvergeBenchmark.self, BootBenchmark.self,
            GetBenchmark.self, SetsBenchmark.self,
            FailoverBenchmark.self, IdleBenchmark.self, HostileBenchmark.self, AllBenchmarks.self,
        ])
}

/// All benchmarks, one after the other.
struct AllBenchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "all", abstract: "Run every benchmark.")

    @OptionGroup var options: BenchmarkOptions

    func run() async throws {
        try await options.run([
            JSONBenchmark.self, ApplyBenchmark.self, CommitBenchmark.self, ConvergeBenchmark.self, BootBenchmark.self,
            GetBenchmark.self, SetsBenchmark.self,
            FailoverBenchmark.self, IdleBenchmark.self, HostileBenchmark.self,
        ])
    }
}
