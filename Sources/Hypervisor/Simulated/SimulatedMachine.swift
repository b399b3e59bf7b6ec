public import Primitives

/// One machine of ``SimulatedMachines``: its disks, and what its process would be doing.
public struct SimulatedMachine: Equatable, Sendable {
    public enum Phase: Equatable, Sendable {
        case stopped(StopReason)
        /// A process that runs the guest from this moment on.
        case starting(until: Instant)
        case running
        case paused
        case suspended
        case poweredOff
        case panicked
        case ioError(message: String)
        case unresponsive
        case foreign
        /// A process that is gone from this moment on.
        case stopping(until: Instant, StopReason)
    }

    public internal(set) var uid: UID
    public internal(set) var name: String
    public internal(set) var epoch: UInt64
    public internal(set) var generation: UInt64
    public internal(set) var launchDigest: String
    public internal(set) var phase: Phase
    public internal(set) var pid: Int32
    public internal(set) var startedAt: WallTime
    /// How often a process was started, which a simulation compares with what it allowed.
    public internal(set) var starts: UInt64
    /// Sizes in bytes by name. A disk never shrinks and goes only with the machine.
    public internal(set) var disks: [String: Int64]
    /// Whether the guest does nothing when the power button is pressed.
    public internal(set) var ignoresPowerButton: Bool
    /// What the guest wrote to its serial console, at most ``consoleBytes`` of it.
    public internal(set) var console: [UInt8]
    /// The offset of the first byte of `console` in all that was ever written.
    public internal(set) var consoleStart: Int64

    /// The console's bound.
    public static let consoleBytes = 4096

    /// What the phase has become by `now`.
    func phase(at now: Instant) -> Phase {
        switch phase {
        case .starting(let until) where now >= until: .running
        case .stopping(let until, let reason) where now >= until: .stopped(reason)
        default: phase
        }
    }

    /// Whether a process is there.
    func isUp(at now: Instant) -> Bool {
        if case .stopped = phase(at: now) { false } else { true }
    }

    func observation(at now: Instant) -> MachineObservation {
        let phase = phase(at: now)
        let state: MachineState =
            switch phase {
            case .stopped(let reason): .stopped(reason)
            case .starting: .starting
            case .running, .stopping: .running
            case .paused: .paused
            case .suspended: .suspended
            case .poweredOff: .poweredOff
            case .panicked: .panicked
            case .ioError(let message): .ioError(message: message)
            case .unresponsive: .unresponsive(attempts: 3)
            case .foreign: .foreign(pid: pid)
            }
        let isUp = state.mayHaveProcess
        var observation = MachineObservation(
            uid: uid, state: state, pid: isUp ? pid : nil, epoch: epoch, generation: generation,
            launchDigest: launchDigest, startedAt: isUp ? startedAt : nil, accelerator: isUp ? "none" : nil,
            machineType: isUp ? "simulated" : nil, observedAt: now, message: nil)
        observation.lastStartedAt = starts > 0 ? startedAt : nil
        observation.disks = disks.keys.sorted()
        return observation
    }

    mutating func write(_ line: String) {
        console += Array((line + "\r\n").utf8)
        let surplus = console.count - Self.consoleBytes
        if surplus > 0 {
            console.removeFirst(surplus)
            consoleStart += Int64(surplus)
        }
    }
}
