/// How a program ended whose output was read, and what it wrote.
public struct ProcessReport<Reason: Sendable>: Sendable {
    public enum Cause: Sendable {
        /// By itself, or by a signal of another program.
        case ended(ProcessEnd)
        /// It was killed with all that it had started.
        case stopped(Reason)
        /// It was killed because it wrote more than it may.
        case tooMuchOutput
    }

    public var cause: Cause
    /// What it wrote to its standard output.
    public var output: [UInt8]
    /// The last bytes that it wrote to its standard error.
    public var errors: [UInt8]

    /// Whether it ended by itself with code 0.
    public var isSuccess: Bool {
        if case .ended(.exited(code: 0)) = cause { true } else { false }
    }
}
