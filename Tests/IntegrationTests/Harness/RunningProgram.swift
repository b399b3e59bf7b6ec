import Glibc
import Synchronization
import TestFiles

/// A child process of the tests whose output goes to two files of its own.
final class RunningProgram: Sendable {
    let pid: Int32
    private let outputPath: String
    let errorPath: String
    private let ending = Mutex<Int32?>(nil)

    /// Starts a program with an empty standard input, an empty signal mask and default handlers, in a session of its
    /// own.
    ///
    /// - Parameter outputBase: The path of the two files, without their endings `.out` and `.err`.
    init(_ executable: String, _ arguments: [String], environment: [String: String], outputBase: String) throws {
        outputPath = outputBase + ".out"
        errorPath = outputBase + ".err"
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, outputPath, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errorPath, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        // POSIX_SPAWN_SETSID is hidden behind a feature macro.
        let setSession: Int16 = 0x80
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF) | setSession)

        var words: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) }
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") }
        defer { for pointer in words + variables { free(pointer) } }
        words.append(nil)
        variables.append(nil)
        var number: pid_t = 0
        let code = posix_spawn(&number, executable, &actions, &attributes, words, variables)
        guard code == 0 else { throw TestFailure("\(executable) can't be started: \(String(cString: strerror(code)))") }
        pid = number
    }

    /// What it has printed on standard output so far.
    var output: String { TextFile.read(outputPath) ?? "" }
    /// What it has printed on standard error so far.
    var errors: String { TextFile.read(errorPath) ?? "" }

    /// The exit code, 128 and the signal's number for a signal; nil while it runs.
    var exitCode: Int32? {
        ending.withLock { ending in
            if let ending { return ending }
            var status: Int32 = 0
            guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
            let signal = status & 0x7f
            ending = signal == 0 ? (status >> 8) & 0xff : 128 + signal
            return ending
        }
    }

    /// Waits for the end. One that does not come in time is an error, and the program is killed.
    func result(within limit: Duration = .seconds(90)) async throws -> ProgramResult {
        let deadline = ContinuousClock.now + limit
        while true {
            if let exitCode { return ProgramResult(exitCode: exitCode, output: output, errors: errors) }
            if ContinuousClock.now >= deadline {
                kill()
                throw TestFailure("it did not end within \(limit); it printed:\n\(output)\(errors)")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Ends it at once and takes its exit code, if it still runs.
    func kill() {
        guard exitCode == nil else { return }
        Glibc.kill(pid, SIGKILL)
        ending.withLock { ending in
            var status: Int32 = 0
            if ending == nil, waitpid(pid, &status, 0) == pid { ending = 128 + SIGKILL }
        }
    }
}

/// How a program ended, and what it printed.
struct ProgramResult: Sendable, CustomStringConvertible {
    let exitCode: Int32
    let output: String
    let errors: String

    var lines: [Substring] { output.split(separator: "\n") }

    /// The words of the command that a write of unknown outcome says to repeat; nil if it says nothing of the kind.
    var repetition: [String]? {
        guard errors.contains("outcome unknown"),
            let line = errors.split(separator: "\n").first(where: { $0.contains("--request-id") })
        else { return nil }
        return line.split(separator: " ").dropFirst().map(String.init)
    }

    var description: String { "exit code \(exitCode)\n--- standard output\n\(output)--- standard error\n\(errors)" }
}

/// Why a test could not go on.
struct TestFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
