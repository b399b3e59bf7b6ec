public import Primitives

/// Everything outside of the program that a command may touch; tests put their own in its place.
public struct World: Sendable {
    /// What stood on the command line after the program's name.
    public var arguments: [String]
    public var environment: [String: String]
    /// Results go here.
    public var output: any TextSink
    /// Errors, progress and remarks go here.
    public var errors: any TextSink
    /// Whether people watch `errors`, so that one line may be written over and over.
    public var errorsAreWatched: Bool
    /// Reads standard input to its end.
    public var readInput: @Sendable () throws(FileFailure) -> [UInt8]
    public var clock: any CommandClock
    /// Sixteen bytes that nobody can guess, for each request its own.
    public var randomBytes: @Sendable (_ count: Int) -> [UInt8]
    public var access: any ClusterAccess
    /// What runs nodes in this process.
    public var nodes: any NodeRuntime
    /// Processes of this host.
    public var processes: any ProcessControl
    /// How many interrupts (SIGINT or SIGTERM) have come since the first call; until then they end the program.
    public var interruptCount: @Sendable () -> Int

    public init(
        arguments: [String], environment: [String: String], output: any TextSink, errors: any TextSink,
        errorsAreWatched: Bool, readInput: @escaping @Sendable () throws(FileFailure) -> [UInt8],
        clock: any CommandClock, randomBytes: @escaping @Sendable (Int) -> [UInt8], access: any ClusterAccess,
        nodes: any NodeRuntime, processes: any ProcessControl,
        interruptCount: @escaping @Sendable () -> Int
    ) {
        self.arguments = arguments
        self.environment = environment
        self.output = output
        self.errors = errors
        self.errorsAreWatched = errorsAreWatched
        self.readInput = readInput
        self.clock = clock
        self.randomBytes = randomBytes
        self.access = access
        self.nodes = nodes
        self.processes = processes
        self.interruptCount = interruptCount
    }

    /// A variable that is set to something.
    func variable(_ name: String) -> String? {
        guard let value = environment[name], !value.isEmpty else { return nil }
        return value
    }
}

/// Where text goes.
public protocol TextSink: Sendable {
    /// Writes all of the text at once. Throws `OutputClosed` when the reader has gone.
    func write(_ text: String) throws(OutputClosed)
}

/// What the program says can't be written any more.
public struct OutputClosed: Error {
    /// Why; nil when the reader has gone, which is no reason for words.
    public var problem: String?

    public init(problem: String?) {
        self.problem = problem
    }
}

extension TextSink {
    /// Writes the text and a line feed.
    func line(_ text: String) throws(OutputClosed) { try write(text + "\n") }
}

/// Time as commands see it.
public protocol CommandClock: Sendable {
    /// Moves only forward.
    var now: Instant { get }
    /// What the host's clock says, for ages.
    var wallTime: WallTime { get }
    func sleep(milliseconds: Int64) async throws
}
