import Glibc
import Host
import Synchronization

/// The directory and the processes of one run. Nothing outside of it is touched.
final class Workplace: Sendable {
    /// The program that is measured.
    let program: String
    /// A directory of this run alone, removed at its end.
    let directory: String
    let isSmoke: Bool
    /// For calls that block.
    let blocking = BlockingPool(named: "bench", threads: 4)
    private let rounds: Int?
    private let machines: Int?
    private let state = Mutex(State())

    private struct State {
        var processes: [ProcessHandle] = []
        var logs: [String] = []
        var names = 0
        var isClosed = false
    }

    init(program: String, parent: String, isSmoke: Bool, rounds: Int?, machines: Int?) throws {
        guard access(program, X_OK) == 0 else {
            throw BenchmarkFailure("\(program) can't be run: build it, or name another program with --program")
        }
        self.program = program
        self.isSmoke = isSmoke
        self.rounds = rounds
        self.machines = machines
        var template = Array("\(parent)/blixard-bench-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw BenchmarkFailure("no directory can be made in \(parent): \(String(cString: strerror(errno)))")
        }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// How many samples a benchmark takes.
    func rounds(_ usual: Int, smoke: Int) -> Int {
        isSmoke ? smoke : rounds ?? usual
    }

    /// How many machines there are in a benchmark whose size is theirs.
    func machines(_ usual: Int, smoke: Int) -> Int { isSmoke ? smoke : machines ?? usual }

    /// How large something is.
    func size(_ usual: Int, smoke: Int) -> Int { isSmoke ? smoke : usual }

    /// A new directory below this one.
    func makeDirectory(_ name: String) throws -> String {
        let number = state.withLock { state in
            state.names += 1
            return state.names
        }
        let path = "\(directory)/\(name)-\(number)"
        guard mkdir(path, 0o700) == 0 else {
            throw BenchmarkFailure("\(path) can't be made: \(String(cString: strerror(errno)))")
        }
        return path
    }

    /// Starts a process whose output is appended to a file. It does not outlive this run.
    func spawn(
        _ executable: String, _ arguments: [String], environment: [String], output: String, directory: String? = nil
    ) throws -> ProcessHandle {
        let descriptor = open(output, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw BenchmarkFailure("\(output) can't be opened: \(String(cString: strerror(errno)))")
        }
        defer { Glibc.close(descriptor) }
        let child = ChildProcess(
            executable: executable, arguments: arguments, environment: environment, workingDirectory: directory,
            newSession: false)
        return try state.withLock { state in
            guard !state.isClosed else { throw BenchmarkFailure("the run is at its end") }
            let process = try child.spawn(output: descriptor)
            state.processes.removeAll { $0.end != nil }
            state.processes.append(process)
            return process
        }
    }

    /// Runs a command of the measured program to its end.
    @discardableResult
    func run(_ arguments: [String], environment: [String]) async throws -> String {
        let output = "\(try makeDirectory("command"))/output"
        let process = try spawn(program, arguments, environment: environment, output: output)
        let end = await process.waitForEnd()
        let text = Files.text(output) ?? ""
        guard end == .exited(code: 0) else {
            throw BenchmarkFailure("blixard \(arguments.joined(separator: " ")): \(end)\n\(text)")
        }
        return text
    }

    /// A log whose end is shown if the benchmark fails.
    func remember(log: String) {
        state.withLock { $0.logs.append(log) }
    }

    func lastLogLines() -> String {
        state.withLock { state in
            state.logs.map { log in
                let lines = (Files.text(log) ?? "").split(separator: "\n").suffix(4)
                return "\n\(log):" + lines.map { "\n  \($0)" }.joined()
            }.joined()
        }
    }

    /// Ends what was started, and the machines that it started.
    func endProcesses() async {
        let processes = state.withLock { state in
            defer { (state.processes, state.logs) = ([], []) }
            return state.processes
        }
        // A process that has ended by itself needs no signal.
        for process in processes { _ = try? process.send(SIGKILL) }
        for process in processes { _ = await process.waitForEnd() }
        for process in MachineProcesses.running(below: directory) {
            _ = try? process.send(SIGKILL)
            _ = await process.waitForEnd(milliseconds: 5000)
        }
    }

    /// Ends everything and removes the directory.
    func close() async {
        state.withLock { $0.isClosed = true }
        await endProcesses()
        Files.removeTree(directory)
    }
}
