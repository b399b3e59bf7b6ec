import Glibc

/// A call to the operating system about processes, threads or descriptors that failed.
public struct HostError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was tried, in words that follow "can't".
    public let attempt: String
    /// The system's error number (`errno`).
    public let code: Int32

    public init(_ attempt: String, code: Int32) {
        self.attempt = attempt
        self.code = code
    }

    /// With the error number that the last system call of this thread left.
    static func last(_ attempt: String) -> HostError { HostError(attempt, code: errno) }

    public var description: String { "can't \(attempt): \(String(cString: strerror(code)))" }
}
