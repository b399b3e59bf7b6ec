public import DriverPort
import Glibc
import Host
public import Hypervisor
public import Primitives
import Synchronization

/// Runs machines as QEMU processes that outlive this program.
///
/// Each machine has a directory with its disks, a record of its last start, and QEMU's sockets and logs. One driver at
/// a time uses a directory of machines; who runs the program sees to that with a lock of its own.
public final class QEMUDriver: MachineDriver {
    public struct Configuration: Equatable, Sendable {
        /// Where the machine directories are; made with the first machine.
        public var machinesDirectory: String
        /// For what can be made again at any time: the built-in guest, the answer about the accelerator.
        public var cacheDirectory: String
        /// Path, or name in `PATH`; commonly `qemu-system-x86_64`.
        public var systemEmulator: String
        /// Path, or name in `PATH`; commonly `qemu-img`.
        public var imageTool: String
        public var accelerator: AcceleratorChoice
        /// How many machines start at once; commonly the number of processors.
        public var simultaneousStarts: Int

        public init(
            machinesDirectory: String, cacheDirectory: String, systemEmulator: String, imageTool: String,
            accelerator: AcceleratorChoice, simultaneousStarts: Int
        ) {
            self.machinesDirectory = machinesDirectory
            self.cacheDirectory = cacheDirectory
            self.systemEmulator = systemEmulator
            self.imageTool = imageTool
            self.accelerator = accelerator
            self.simultaneousStarts = simultaneousStarts
        }
    }

    private let environment: DriverEnvironment
    private let turns = MachineTurns()
    private let machines = Mutex<[UID: QEMUMachine]>([:])

    public init(_ configuration: Configuration) {
        environment = DriverEnvironment(
            root: configuration.machinesDirectory, bootID: SystemFacts.bootID,
            // A start holds a thread until QEMU listens; one more is left for all other work.
            pool: BlockingPool(named: "qemu", threads: configuration.simultaneousStarts + 2),
            permits: StartPermits(count: configuration.simultaneousStarts), feed: MachineChangeFeed(),
            prerequisites: StartPrerequisites(configuration: configuration))
    }

    public var capabilities: DriverCapabilities {
        get async {
            do throws(MachineFailure) {
                let ready = try await environment.prerequisites.find()
                return DriverCapabilities(
                    name: "qemu", version: ready.installation.version,
                    accelerator: ready.acceleration.accelerator.rawValue,
                    acceleratorReason: ready.acceleration.reason, availability: .available)
            } catch {
                return DriverCapabilities(
                    name: "qemu", version: nil, accelerator: nil, acceleratorReason: nil,
                    availability: .unavailable(reason: error.message))
            }
        }
    }

    public var changes: AsyncStream<UID> { environment.feed.subscribe() }

    public func observeAll() async throws(MachineFailure) -> [MachineObservation] {
        let root = environment.root
        let found = try await environment.pool.run { () throws(MachineFailure) in try MachineListing.read(root) }
        let observations = await withTaskGroup(of: MachineObservation.self) { group in
            for uid in found {
                group.addTask { await self.observe(uid) }
            }
            var observations: [MachineObservation] = []
            for await observation in group { observations.append(observation) }
            return observations
        }
        return observations.sorted { $0.uid < $1.uid }
    }

    public func observe(_ uid: UID) async -> MachineObservation {
        await machine(uid).observe()
    }

    public func start(_ spec: MachineSpec) async throws(MachineFailure) {
        try await turns.perform(for: spec.uid) { () async throws(MachineFailure) in
            try await machine(spec.uid).start(spec)
        }
    }

    public func resume(_ uid: UID) async throws(MachineFailure) {
        try await turns.perform(for: uid) { () async throws(MachineFailure) in try await machine(uid).resume() }
    }

    public func stop(_ uid: UID, graceMilliseconds: Int64) async throws(MachineFailure) {
        try await turns.perform(for: uid) { () async throws(MachineFailure) in
            try await machine(uid).stop(graceMilliseconds: graceMilliseconds)
        }
    }

    public func delete(_ uid: UID) async throws(MachineFailure) {
        try await turns.perform(for: uid) { () async throws(MachineFailure) in
            try await machine(uid).delete()
            machines.withLock { $0[uid] = nil }
        }
    }

    public func consoleLog(_ uid: UID, offset: Int64, limit: Int) async throws(MachineFailure) -> ConsoleChunk {
        try await machine(uid).consoleLog(offset: offset, limit: limit)
    }

    /// Releases every machine and leaves it running, for the next driver to adopt.
    public func close() async {
        let machines = machines.withLock { machines in
            defer { machines = [:] }
            return machines.values.sorted { $0.uid < $1.uid }
        }
        for machine in machines { await machine.close() }
    }

    private func machine(_ uid: UID) -> QEMUMachine {
        machines.withLock { machines in
            if let machine = machines[uid] { return machine }
            let machine = QEMUMachine(uid: uid, environment: environment)
            machines[uid] = machine
            return machine
        }
    }
}
