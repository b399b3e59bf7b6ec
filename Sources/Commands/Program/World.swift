public import Manifest
public import Primitives

/// Everything outside of the program that a command may touch; tests put their own in its place.
public struct World: Sendable {
    /// What stood on the command line after the program's name.
    public var arguments: [String]
    public var environment: [String: String]
    /// Results go here.
    public var output: any TextSink
    /// Whether people watch `output`, so that what a program would read exactly has to be harmless too.
    public var outputIsWatched: Bool
    /// Errors, progress and remarks go here.
    public var errors: any TextSink
    /// Whether people watch `errors`, so that one line may be written over and over.
    public var errorsAreWatched: Bool
    /// Reads standard input to its end; throws if it can't be read.
    public var readInput: @Sendable () throws(FileFailure) -> [UInt8]
    /// Reads what a URL leads to, of at most so many bytes, and throws if that can't be done in bounded time.
    public var fetch: @Sendable (_ url: FetchURL, _ limit: Int) async throws(FileFailure) -> [UInt8]
    public var clock: any CommandClock
    /// Sixteen unguessable bytes, for each request its own.
    public var randomBytes: @Sendable (_ count: Int) -> [UInt8]
    public var access: any ClusterAccess
    /// What runs nodes in this process.
    public var nodes: any NodeRuntime
    /// Processes of this host.
    public var processes: any ProcessControl
    /// How many interrupts (SIGINT or SIGTERM) have come since the first call; until then they end the program.
    public var interruptCount: @Sendable () -> Int
    /// Whether the terminal has gone (SIGHUP) since ``interruptCount`` was called first; until then that ends the
    /// program.
    public var isHungUp: @Sendable () -> Bool

    public init(
        arguments: [String], environment: [String: String], output: any TextSink, outputIsWatched: Bool,
        errors: any TextSink, errorsAreWatched: Bool, readInput: @escaping @Sendable () throws(FileFailure) -> [UInt8],
        fetch: @escaping @Sendable (FetchURL, Int) async throws(FileFailure) -> [UInt8],
        clock: any CommandClock, randomBytes: @escaping @Sendable (Int) -> [UInt8], access: any ClusterAccess,
        nodes: any NodeRuntime, processes: any ProcessControl,
        interruptCount: @escaping @Sendable () -> Int, isHungUp: @escaping @Sendable () -> Bool
    ) {
        self.arguments = arguments
        self.environment = environment
        self.output = output
        self.outputIsWatched = outputIsWatched
        self.errors = errors
        self.errorsAreWatched = errorsAreWatched
        self.readInput = readInput
        self.fetch = fetch
        self.clock = clock
        self.randomBytes = randomBytes
        self.access = access
        self.nodes = nodes
        self.processes = processes
        self.interruptCount = interruptCount
        self.isHungUp = isHungUp
    }

    /// Writes values that a program may read: as they are, but harmless where people watch.
    func writeValues(_ text: String) throws(OutputClosed) {
        if outputIsWatched { try output.write(text) } else { try output.write(exactly: text) }
    }

    /// A variable that is set to something.
    func variable(_ name: String) -> String? {
        guard let value = environment[name], !value.isEmpty else { return nil }
        return value
    }
}

/// Where text goes.
public protocol TextSink: Sendable {
    /// Writes all of the text at once, with whatever it holds: for what a program reads, and for what moves the cursor
    /// on purpose. Throws `OutputClosed` when the reader has gone.
    func write(exactly text: String) throws(OutputClosed)
    /// Writes all of the bytes at once, as they are.
    ///
    /// - Throws: ``OutputClosed`` when the reader has gone, or the bytes can't be written.
    func write(bytes: [UInt8]) throws(OutputClosed)
}

/// What the program says can't be written any more.
public struct OutputClosed: Error {
    /// Why; nil when the reader has gone, which needs no message.
    public var problem: String?

    public init(problem: String?) {
        self.problem = problem
    }
}

extension TextSink {
    /// Writes text for people, of one line or several: here, whatever says it, nothing leaves that a terminal would
    /// obey.
    ///
    /// JSON and YAML come out as they are, because their writers escape the same.
    func write(_ text: String) throws(OutputClosed) { try write(exactly: text.harmlessLines) }

    /// Writes one line for people: a line feed in the text is shown, so that no value can look like a line of its own.
    func line(_ text: String) throws(OutputClosed) { try write(text.harmless + "\n") }

    /// Writes text of several lines for people, and a line feed. Values in it that others wrote must be `harmless`.
    func lines(_ text: String) throws(OutputClosed) { try write(text + "\n") }
}

/// Time as commands see it.
public protocol CommandClock: Sendable {
    /// Moves only forward.
    var now: Instant { get }
    /// What the host's clock says, for ages.
    var wallTime: WallTime { get }
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    func sleep(milliseconds: Int64) async throws
}
