public import Primitives

/// The machines of one host as a value: what a driver would show and do, without any process, clock or thread.
///
/// `SimulatedHypervisor` puts the driver's calls in front of it; a simulation of a whole cluster drives it directly.
/// The value outlives the agent, as processes do; ``loseHost()`` is what does not outlive the host.
public struct SimulatedMachines: Equatable, Sendable {
    /// How long things take, in milliseconds.
    public struct Timing: Equatable, Sendable {
        public var startMilliseconds: Int64
        public var stopMilliseconds: Int64

        public init(startMilliseconds: Int64, stopMilliseconds: Int64) {
            precondition(
                startMilliseconds >= 0 && stopMilliseconds >= 0,
                "start \(startMilliseconds) ms, stop \(stopMilliseconds) ms")
            self.startMilliseconds = startMilliseconds
            self.stopMilliseconds = stopMilliseconds
        }
    }

    public var timing: Timing
    /// What every machine directory of the host would hold.
    public internal(set) var machines: [UID: SimulatedMachine] = [:]
    var startFailures: [UID: MachineFailure] = [:]
    var nextPID: Int32 = 1000

    public init(timing: Timing) {
        self.timing = timing
    }

    /// Sorted by uid.
    public func observeAll(now: Instant) -> [MachineObservation] {
        machines.values.sorted { $0.uid < $1.uid }.map { $0.observation(at: now) }
    }

    public func observe(_ uid: UID, now: Instant) -> MachineObservation {
        machines[uid]?.observation(at: now) ?? .absent(uid, at: now)
    }

    /// Begins to start a machine.
    ///
    /// - Returns: When it runs; `now` if it runs already.
    /// - Throws: For a lower epoch than the machine's, a process that can't be started over, a filled disk that is
    ///   gone, or a planned failure.
    public mutating func start(_ spec: MachineSpec, now: Instant, wallTime: WallTime) throws(MachineFailure) -> Instant
    {
        settle(spec.uid, now: now)
        if let known = machines[spec.uid] {
            guard spec.epoch >= known.epoch else {
                throw .permanent(
                    .staleEpoch, message: "epoch \(spec.epoch) was asked for, epoch \(known.epoch) holds the machine")
            }
            machines[spec.uid]?.epoch = spec.epoch
            switch known.phase {
            case .running, .starting, .paused, .suspended, .ioError:
                if known.launchDigest == spec.launchDigest { machines[spec.uid]?.generation = spec.generation }
                return known.readyAt(now)
            case .unresponsive:
                throw .retryable(.unresponsive, message: "process \(known.pid) does not answer")
            case .foreign:
                throw .retryable(.foreignProcess, message: "process \(known.pid) holds the machine directory")
            case .stopping:
                throw .retryable(.stillRunning, message: "process \(known.pid) is being stopped")
            case .stopped, .poweredOff, .panicked:
                break
            }
        }
        for disk in spec.disks where disk.isFilled && machines[spec.uid]?.disks[disk.name] == nil {
            throw .retryable(.diskMissing, message: "disk \(disk.name) was filled and is gone")
        }
        if let failure = startFailures.removeValue(forKey: spec.uid) { throw failure }
        return launch(spec, now: now, wallTime: wallTime)
    }

    /// Lets a paused, suspended or I/O-halted machine go on.
    ///
    /// - Throws: If there is no guest that could go on, or the process does not answer or is not the machine's.
    public mutating func resume(_ uid: UID, now: Instant) throws(MachineFailure) {
        settle(uid, now: now)
        switch machines[uid]?.phase {
        case .running, .starting: break
        case .paused, .suspended, .ioError: machines[uid]?.phase = .running
        case .unresponsive: throw .retryable(.unresponsive, message: "the process does not answer")
        case .foreign: throw .retryable(.foreignProcess, message: "the process is not this machine's")
        case nil, .stopped, .poweredOff, .panicked, .stopping:
            throw .permanent(.notRunning, message: "there is no guest that could go on")
        }
    }

    /// Begins to stop a machine.
    ///
    /// - Returns: When its process is gone; `now` if it has none.
    /// - Throws: If the process is not the machine's.
    public mutating func stop(_ uid: UID, graceMilliseconds: Int64, now: Instant) throws(MachineFailure) -> Instant {
        settle(uid, now: now)
        guard let machine = machines[uid] else { return now }
        let takes: Int64
        switch machine.phase {
        case .stopped: return now
        case .stopping(let until, _): return until
        case .foreign:
            throw .permanent(.foreignProcess, message: "process \(machine.pid) is not this machine's")
        case .poweredOff:
            machines[uid]?.phase = .stopped(.guestPoweredOff)
            return now
        case .unresponsive: takes = graceMilliseconds
        default:
            takes =
                machine.ignoresPowerButton ? graceMilliseconds : min(graceMilliseconds, timing.stopMilliseconds)
        }
        machines[uid]?.phase = .stopping(until: now + takes, .stoppedByRequest)
        settle(uid, now: now)
        return now + takes
    }

    /// Removes a machine without a process, and its disks.
    ///
    /// - Throws: While the machine has a process.
    public mutating func delete(_ uid: UID, now: Instant) throws(MachineFailure) {
        settle(uid, now: now)
        guard let machine = machines[uid] else { return }
        guard !machine.isUp(at: now) else {
            throw .retryable(
                .stillRunning, message: "process \(machine.pid) must be stopped before the machine is deleted")
        }
        machines[uid] = nil
    }

    /// The next moment after `now` at which a machine changes by itself, if any does.
    public func nextChange(after now: Instant) -> Instant? {
        machines.values.compactMap { machine in
            switch machine.phase {
            case .starting(let until), .stopping(let until, _): until > now ? until : nil
            default: nil
            }
        }.min()
    }

    private mutating func launch(_ spec: MachineSpec, now: Instant, wallTime: WallTime) -> Instant {
        let known = machines[spec.uid]
        let ready = now + timing.startMilliseconds
        var machine = SimulatedMachine(
            uid: spec.uid, name: spec.name, epoch: spec.epoch, generation: spec.generation,
            launchDigest: spec.launchDigest, phase: .starting(until: ready), pid: nextPID, startedAt: wallTime,
            starts: (known?.starts ?? 0) + 1, disks: known?.disks ?? [:],
            ignoresPowerButton: known?.ignoresPowerButton ?? false, console: known?.console ?? [],
            consoleStart: known?.consoleStart ?? 0)
        for disk in spec.disks { machine.disks[disk.name] = max(machine.disks[disk.name] ?? 0, disk.sizeBytes) }
        machine.write("simulated guest \(spec.name) ready")
        // Process ids come round, as the kernel's do.
        nextPID = nextPID == Int32.max ? 1000 : nextPID + 1
        machines[spec.uid] = machine
        settle(spec.uid, now: now)
        return ready
    }

    /// Makes what the passing of time has changed part of the state.
    private mutating func settle(_ uid: UID, now: Instant) {
        if let machine = machines[uid] { machines[uid]?.phase = machine.phase(at: now) }
    }
}

extension SimulatedMachine {
    /// When a machine that was asked to start runs, or `now`.
    fileprivate func readyAt(_ now: Instant) -> Instant {
        if case .starting(let until) = phase { until } else { now }
    }
}
