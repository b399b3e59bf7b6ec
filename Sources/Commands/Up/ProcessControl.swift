/// What `up`, `down`, `edit` and `diff` do with processes of this host.
public protocol ProcessControl: Sendable {
    /// Starts this very program again, in a session of its own, with its output appended to a file.
    ///
    /// - Throws: If the log file can't be opened, or the program can't be started.
    func spawnNode(arguments: [String], environment: [String], log: String) throws(FileFailure) -> any RunningProcess

    /// Takes hold of the process that a record describes; nil if it has ended, also when another has its number.
    ///
    /// - Throws: If the process can't be held, for example for want of descriptors.
    func find(_ record: ProcessRecord) throws(FileFailure) -> (any RunningProcess)?

    /// The process of this host that holds a lock on a file; nil if none does, or none that can be seen.
    ///
    /// - Throws: As ``find(_:)``.
    func holder(of lockFile: String) throws(FileFailure) -> (any RunningProcess)?

    /// Whether something could listen on this TCP port of the loopback interface now.
    func isPortFree(_ port: Int) -> Bool

    /// Whether a program of this name is in the directories of PATH.
    func hasProgram(_ name: String, path: String) -> Bool

    /// Lets one process at a time own a directory; nil if another has it.
    ///
    /// - Throws: If the file can't be made or locked for another reason.
    func lock(_ file: String) throws(FileFailure) -> (any DirectoryOwnership)?

    /// Runs a shell's command with more arguments behind it, on this program's own terminal, to its end.
    ///
    /// - Throws: If no shell can be started.
    func runInForeground(
        _ command: String, arguments: [String], environment: [String: String]
    ) async throws(FileFailure) -> ProcessEnding

    var processorCount: Int { get }
    var memoryBytes: Int64 { get }
    /// As `uname -m` says: `x86_64`, `aarch64`.
    var machineArchitecture: String { get }
}

/// Ends when it is released, or with the process.
public protocol DirectoryOwnership: Sendable {
    func release()
}

/// A hold on one process.
public protocol RunningProcess: Sendable {
    var record: ProcessRecord { get }
    /// How it ended; nil while it runs.
    var end: ProcessEnding? { get }
    /// Waits for its end, at most so long; nil if it still runs then.
    func waitForEnd(milliseconds: Int64) async -> ProcessEnding?
    /// Asks it to end (SIGTERM).
    func terminate()
    /// Ends it (SIGKILL).
    func kill()
}

/// How a process ended.
public struct ProcessEnding: Equatable, Sendable {
    /// `exit code 1`, `signal 9 (Killed)`.
    public var text: String
    /// Nil if a signal ended it.
    public var exitCode: Int32?
    /// It did what it was told, and ended.
    public var isClean: Bool { exitCode == 0 }

    public init(text: String, exitCode: Int32?) {
        self.text = text
        self.exitCode = exitCode
    }
}
