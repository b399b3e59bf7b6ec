public import DriverPort
import Glibc
public import Hypervisor
public import Primitives
import Synchronization

/// A driver whose machines exist only in memory: for tests, demos at scale, and hosts without a hypervisor.
///
/// With a state directory a new driver finds the machines that a former one left running, as processes would be found.
public final class SimulatedHypervisor: MachineDriver {
    private let machines: Mutex<SimulatedMachines>
    private let files: SimulatedMachineFiles?
    private let turns = MachineTurns()
    private let feed = MachineChangeFeed()

    /// - Parameter stateDirectory: Where each machine is kept in a small file; made if its parent exists. Nil keeps
    ///   nothing.
    /// - Throws: If the state directory can't be made or read.
    public init(timing: SimulatedMachines.Timing, stateDirectory: String?) throws(MachineFailure) {
        var machines = SimulatedMachines(timing: timing)
        files = stateDirectory.map { SimulatedMachineFiles(directory: $0) }
        if let files {
            for machine in try files.load() { machines.adopt(machine) }
        }
        self.machines = Mutex(machines)
    }

    public var capabilities: DriverCapabilities {
        DriverCapabilities(
            name: "simulated", version: nil, accelerator: "none", acceleratorReason: "machines exist only in memory",
            availability: .available)
    }

    public var changes: AsyncStream<UID> { feed.subscribe() }

    public func observeAll() -> [MachineObservation] {
        machines.withLock { $0.observeAll(now: Self.now()) }
    }

    public func observe(_ uid: UID) -> MachineObservation {
        machines.withLock { $0.observe(uid, now: Self.now()) }
    }

    public func start(_ spec: MachineSpec) async throws(MachineFailure) {
        try await turns.perform(for: spec.uid) { () async throws(MachineFailure) in
            let ready = try change(spec.uid) { (machines) throws(MachineFailure) in
                try machines.start(spec, now: Self.now(), wallTime: Self.wallTime())
            }
            await Self.sleep(until: ready)
            feed.report(spec.uid)
        }
    }

    public func resume(_ uid: UID) async throws(MachineFailure) {
        try await turns.perform(for: uid) { () async throws(MachineFailure) in
            try change(uid) { (machines) throws(MachineFailure) in try machines.resume(uid, now: Self.now()) }
        }
    }

    public func stop(_ uid: UID, graceMilliseconds: Int64) async throws(MachineFailure) {
        try await turns.perform(for: uid) { () async throws(MachineFailure) in
            let gone = try change(uid) { (machines) throws(MachineFailure) in
                try machines.stop(uid, graceMilliseconds: graceMilliseconds, now: Self.now())
            }
            await Self.sleep(until: gone)
            feed.report(uid)
        }
    }

    public func delete(_ uid: UID) async throws(MachineFailure) {
        try await turns.perform(for: uid) { () async throws(MachineFailure) in
            try change(uid) { (machines) throws(MachineFailure) in try machines.delete(uid, now: Self.now()) }
        }
    }

    public func consoleLog(_ uid: UID, offset: Int64, limit: Int) throws(MachineFailure) -> ConsoleChunk {
        guard let machine = machines.withLock({ $0.machines[uid] }) else {
            throw .permanent(.notRunning, message: "machine \(uid) is not on this host")
        }
        let start = max(offset, machine.consoleStart)
        let bytes = machine.console.dropFirst(Int(start - machine.consoleStart)).prefix(max(0, limit))
        return ConsoleChunk(
            bytes: Array(bytes), nextOffset: max(offset, start + Int64(bytes.count)),
            truncatedBefore: machine.consoleStart, endOffset: machine.consoleStart + Int64(machine.console.count))
    }

    /// Does something to the machines without the driver's knowledge, as ``SimulatedMachines`` offers it, and reports
    /// the machine to `changes`.
    ///
    /// - Throws: If the machine's file can't be written.
    public func disturb(_ uid: UID, _ body: (inout SimulatedMachines, Instant) -> Void) throws(MachineFailure) {
        try change(uid) { machines in body(&machines, Self.now()) }
    }

    /// Changes the value, keeps what became of the machine, and tells of it. The file is written under the lock, so
    /// that files never get out of order; it is small and not synced.
    private func change<Value: Sendable>(
        _ uid: UID, _ body: (inout SimulatedMachines) throws(MachineFailure) -> Value
    ) throws(MachineFailure) -> Value {
        let outcome = machines.withLock { machines -> Result<Value, MachineFailure> in
            do throws(MachineFailure) {
                let value = try body(&machines)
                if let machine = machines.machines[uid] { try files?.save(machine) } else { try files?.remove(uid) }
                return .success(value)
            } catch {
                return .failure(error)
            }
        }
        feed.report(uid)
        return try outcome.get()
    }

    private static func sleep(until: Instant) async {
        let milliseconds = until - now()
        // Cancelled or not, the state changes at its time; a caller that cancels only returns sooner.
        if milliseconds > 0 { try? await Task.sleep(for: .milliseconds(milliseconds)) }
    }

    private static func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    private static func wallTime() -> WallTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
