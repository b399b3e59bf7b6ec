import CLinux
import Glibc

/// Starts programs that are independent of this one: with an empty signal mask, default handlers, no inherited
/// descriptors, and (unless they are short errands) a session of their own, so that they outlive it.
public struct ChildProcess: Sendable {
    public var executable: String
    /// Without the program's own name, which is put in front.
    public var arguments: [String]
    /// Pairs `NAME=value`; nothing is inherited.
    public var environment: [String]
    /// Nil keeps this program's.
    public var workingDirectory: String?
    /// Whether signals to this program's session and terminal don't reach it.
    public var newSession: Bool

    public init(
        executable: String, arguments: [String], environment: [String], workingDirectory: String?, newSession: Bool
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.newSession = newSession
    }

    /// What most programs need: where to find others, and messages in English.
    public static let plainEnvironment = [
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
    ]

    /// Starts the program with an empty standard input.
    ///
    /// - Parameter output: A descriptor for both standard output and standard error; it stays the caller's. Use a file
    ///   for a child that outlives this program: a pipe would break.
    /// - Throws: also if the program can't be executed (`ENOENT`, `EACCES`).
    public func spawn(output: Int32) throws(HostError) -> ProcessHandle {
        let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard null >= 0 else { throw .last("open /dev/null") }
        let input = try Self.above2(null)
        defer { close(input) }
        let duplicate = fcntl(output, F_DUPFD_CLOEXEC, 3)
        guard duplicate >= 0 else { throw .last("duplicate descriptor \(output)") }
        defer { close(duplicate) }

        return try ProcessHandle.child(pid: start(input: input, output: duplicate, errors: duplicate))
    }

    /// Starts the program and answers its number; the caller waits for its end.
    ///
    /// The descriptors are above 2, and stay the caller's.
    func start(input: Int32, output: Int32, errors: Int32) throws(HostError) -> pid_t {
        var pid: pid_t = 0
        let code = withPointers(to: [executable] + arguments) { argumentPointers in
            withPointers(to: environment) { environmentPointers in
                executable.withCString { executable in
                    withOptionalCString(workingDirectory) { directory in
                        var options = clinux_spawn_options(
                            executable: executable, arguments: argumentPointers, environment: environmentPointers,
                            working_directory: directory, standard_input: input, standard_output: output,
                            standard_error: errors, new_session: newSession)
                        return clinux_spawn(&options, &pid)
                    }
                }
            }
        }
        guard code == 0 else { throw HostError("run \(executable)", code: code) }
        return pid
    }

    /// A descriptor for the same file that is none of the three standard ones; the given one is closed if it was.
    static func above2(_ descriptor: Int32) throws(HostError) -> Int32 {
        if descriptor > 2 { return descriptor }
        let moved = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        let error = HostError.last("duplicate descriptor \(descriptor)")
        close(descriptor)
        guard moved >= 0 else { throw error }
        return moved
    }
}

/// Calls `body` with C strings and a null pointer behind them.
private func withPointers<Value>(
    to strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Value
) -> Value {
    var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeBufferPointer { body($0.baseAddress!) }
}

private func withOptionalCString<Value>(_ string: String?, _ body: (UnsafePointer<CChar>?) -> Value) -> Value {
    if let string { string.withCString { body($0) } } else { body(nil) }
}
