/// What a driver saw of a machine. Never a guess: what can't be told has its own case.
public enum MachineState: Equatable, Sendable {
    /// The host knows nothing of the machine: no directory, no disks, no process.
    case absent
    /// The machine has a directory, perhaps disks, and certainly no process.
    case stopped(StopReason)
    /// A process is there and does not run the guest yet.
    case starting
    case running
    /// The hypervisor holds the guest, because it was asked to.
    case paused
    /// The process itself was stopped by a signal (state `T`).
    case suspended
    /// The guest switched itself off; its process waits to be collected by `start` or `stop`.
    case poweredOff
    /// The guest reported that it panicked; the process holds it as it was.
    case panicked
    /// The guest was halted because its disk failed, commonly for lack of space. `resume` continues without loss.
    case ioError(message: String)
    /// The process lives and has not answered this many attempts in a row.
    case unresponsive(attempts: Int)
    /// A process that is not provably this machine holds its directory. It is reported and never ended.
    case foreign(pid: Int32)

    /// Whether a process of this machine may be there, so that starting it anywhere else would run it twice.
    public var mayHaveProcess: Bool {
        switch self {
        case .absent, .stopped: false
        default: true
        }
    }
}

/// Why a machine without a process has none.
public enum StopReason: Equatable, Sendable {
    case neverStarted
    /// The guest switched itself off.
    case guestPoweredOff
    /// `stop` was called.
    case stoppedByRequest
    /// The process ended without being asked by the driver: killed, crashed, or failed to start.
    case crashed(message: String)
    /// The host was restarted under the machine.
    case hostRestarted
    /// The process is gone and nothing is left that tells why.
    case unknown
}
