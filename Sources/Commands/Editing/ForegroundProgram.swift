import Glibc
import Host

/// A command of a shell on this program's own terminal, such as an editor or a program that shows differences.
struct ForegroundProgram {
    let command: String
    /// Behind the command's own words.
    let arguments: [String]
    let environment: [String: String]

    private static let shell = "/bin/sh"

    /// Runs it to its end. Meanwhile interrupts from the keyboard are for the command alone.
    func run() async throws(FileFailure) -> ProcessEnding {
        let pool = BlockingPool(named: "foreground", threads: 1)
        defer { pool.close() }
        return try await pool.run { () throws(FileFailure) -> ProcessEnding in
            let formerInterrupt = signal(SIGINT, SIG_IGN)
            let formerQuit = signal(SIGQUIT, SIG_IGN)
            defer {
                signal(SIGINT, formerInterrupt)
                signal(SIGQUIT, formerQuit)
            }
            return try Self.wait(for: try spawn())
        }
    }

    private func spawn() throws(FileFailure) -> pid_t {
        // The child's signals are as a shell expects them, whatever this thread has blocked or ignores.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        var every = sigset_t()
        sigemptyset(&none)
        sigfillset(&every)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &every)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let script = command + " \"$@\""
        let words = [Self.shell, "-c", script, Self.shell] + arguments
        let settings = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        var pointers = words.map { strdup($0) }
        var variables = settings.map { strdup($0) }
        defer { for pointer in pointers + variables { free(pointer) } }
        pointers.append(nil)
        variables.append(nil)
        var pid: pid_t = 0
        let code = posix_spawn(&pid, Self.shell, nil, &attributes, pointers, variables)
        guard code == 0 else {
            throw FileFailure(path: Self.shell, problem: "it can't be started: \(String(cString: strerror(code)))")
        }
        return pid
    }

    private static func wait(for pid: pid_t) throws(FileFailure) -> ProcessEnding {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 {
            guard errno == EINTR else { throw .last(shell, "its end can't be waited for") }
        }
        let number = status & 0x7f
        if number == 0 {
            let code = (status >> 8) & 0xff
            return ProcessEnding(text: "exit code \(code)", exitCode: code)
        }
        return ProcessEnding(text: "signal \(number) (\(String(cString: strsignal(number))))", exitCode: nil)
    }
}

extension HostProcesses {
    func runInForeground(
        _ command: String, arguments: [String], environment: [String: String]
    ) async throws(FileFailure) -> ProcessEnding {
        try await ForegroundProgram(command: command, arguments: arguments, environment: environment).run()
    }
}
