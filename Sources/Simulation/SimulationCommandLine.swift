/// What `blixard simulate` does: many seeds, one after the other, with one line for each that breaks a promise.
public enum SimulationCommandLine {
    /// - Parameters:
    ///   - seed: The first seed.
    ///   - seeds: How many, each one more than the one before.
    ///   - trace: Prints everything that happens, of each seed.
    ///   - write: Takes one line.
    /// - Returns: The exit code: 0 if every promise held, 1 if not.
    public static func run(seed: UInt64, seeds: Int, nodes: Int, trace: Bool, write: (String) -> Void) -> Int32 {
        var options = SimulationOptions.usual(nodes: nodes)
        options.keepsTrace = trace
        var totals = SimulationTotals()
        for number in 0..<UInt64(max(0, seeds)) {
            var run = SimulationRun(seed: seed &+ number, options: options)
            let report = run.run()
            for line in report.trace { write(line) }
            if !report.violations.isEmpty || trace { write(report.summary) }
            if !report.violations.isEmpty {
                write("  replay: blixard simulate --seed \(report.seed) --seeds 1 --nodes \(nodes) --trace")
            }
            totals.add(report)
        }
        for line in totals.lines { write(line) }
        return totals.failedSeeds.isEmpty ? 0 : 1
    }
}
