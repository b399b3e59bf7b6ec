import Glibc
import Simulation

// Whole clusters under faults, each from one seed; `--help` tells the rest.

/// Whole lines, at once: their reader may outlive this program, which may trap at any moment.
func write(_ line: String) {
    var rest = Array((line + "\n").utf8)[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
        // The reader has gone.
        guard count > 0 else { exit(74) }
        rest = rest.dropFirst(count)
    }
}

exit(SimulationCommandLine.run(Array(CommandLine.arguments.dropFirst()), write: write))
