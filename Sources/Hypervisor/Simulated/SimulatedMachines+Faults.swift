public import Primitives

/// What tests and simulations do to machines behind the driver's back. Each does nothing to a machine that is not in a
/// state in which it could happen.
extension SimulatedMachines {
    /// The process is killed.
    public mutating func crash(_ uid: UID, message: String, now: Instant) {
        change(uid, to: .stopped(.crashed(message: message)), now: now) { _ in true }
    }

    /// The guest is paused from outside.
    public mutating func pause(_ uid: UID, now: Instant) {
        change(uid, to: .paused, now: now) { $0 == .running }
    }

    /// The process is stopped with a signal from outside.
    public mutating func suspend(_ uid: UID, now: Instant) {
        change(uid, to: .suspended, now: now) { $0 == .running }
    }

    /// The guest switches itself off.
    public mutating func powerOff(_ uid: UID, now: Instant) {
        change(uid, to: .poweredOff, now: now) { $0 == .running }
    }

    public mutating func panic(_ uid: UID, now: Instant) {
        change(uid, to: .panicked, now: now) { $0 == .running }
    }

    /// The guest is halted by a failing disk.
    public mutating func failDisk(_ uid: UID, message: String, now: Instant) {
        change(uid, to: .ioError(message: message), now: now) { $0 == .running }
    }

    /// The process stops answering.
    public mutating func hang(_ uid: UID, now: Instant) {
        change(uid, to: .unresponsive, now: now) { _ in true }
    }

    /// A process that answers nothing answers again.
    public mutating func unhang(_ uid: UID, now: Instant) {
        change(uid, to: .running, now: now) { $0 == .unresponsive }
    }

    /// An unknown process takes the machine's place.
    public mutating func occupy(_ uid: UID, now: Instant) {
        change(uid, to: .foreign, now: now) { _ in true }
    }

    /// The unknown process goes away.
    public mutating func vacate(_ uid: UID, now: Instant) {
        change(uid, to: .stopped(.unknown), now: now) { $0 == .foreign }
    }

    /// From now on the guest heeds the power button, or does not.
    public mutating func setIgnoresPowerButton(_ uid: UID, _ ignores: Bool) {
        machines[uid]?.ignoresPowerButton = ignores
    }

    /// The next start of the machine fails.
    public mutating func failNextStart(_ uid: UID, with failure: MachineFailure) {
        startFailures[uid] = failure
    }

    /// Power fails: every process is gone, every disk is still there.
    public mutating func loseHost() {
        for (uid, machine) in machines {
            if case .stopped = machine.phase { continue }
            machines[uid]?.phase = .stopped(.hostRestarted)
        }
    }

    /// Puts a machine back that a former process of the host wrote down.
    package mutating func adopt(_ machine: SimulatedMachine) {
        machines[machine.uid] = machine
        nextPID = max(nextPID, machine.pid == .max ? 1000 : machine.pid + 1)
    }

    private mutating func change(
        _ uid: UID, to phase: SimulatedMachine.Phase, now: Instant, if allowed: (SimulatedMachine.Phase) -> Bool
    ) {
        guard let machine = machines[uid], machine.isUp(at: now), allowed(machine.phase(at: now)) else { return }
        machines[uid]?.phase = phase
    }
}
