import DriverPort
import Host
import Hypervisor
import Journal
public import Primitives
import QEMU

/// The machines of a node that does not run, which outlive it.
///
/// The log's lock is held meanwhile, so that no node begins to look after the same machines.
public struct LeftMachines: Sendable {
    private let directory: NodeDirectory
    private let hypervisor: AgentSettings.HypervisorChoice

    public init(in directory: NodeDirectory, hypervisor: AgentSettings.HypervisorChoice) {
        self.directory = directory
        self.hypervisor = hypervisor
    }

    public struct Machine: Equatable, Sendable {
        public var uid: UID
        public var pid: Int32?
        /// Why it could not be stopped; nil if that was not tried.
        public var problem: String?

        fileprivate init(_ observation: MachineObservation, problem: String?) {
            uid = observation.uid
            pid = observation.pid
            if pid == nil, case .foreign(let holder) = observation.state { pid = holder }
            self.problem = problem
        }
    }

    /// Those that may have a process, sorted by uid.
    ///
    /// - Throws: If another process has the log open, so the node may run, or the machines can't be listed.
    public func find() async throws(AgentError) -> [Machine] {
        try await withDriver { driver throws(AgentError) in
            try await Self.living(driver).map { Machine($0, problem: nil) }
        }
    }

    /// Ends all of them side by side, each by its power button and then by force; answers those that are left.
    ///
    /// - Throws: As ``find()``; a machine that could not be stopped is in the answer.
    public func stop() async throws(AgentError) -> [Machine] {
        try await withDriver { driver throws(AgentError) in
            let living = try await Self.living(driver)
            let left = await withTaskGroup(of: Machine?.self) { group in
                for observation in living {
                    group.addTask { await Self.stop(observation, by: driver) }
                }
                var left: [Machine] = []
                for await one in group { if let one { left.append(one) } }
                return left
            }
            return left.sorted { $0.uid < $1.uid }
        }
    }

    /// How long a guest may take to switch itself off whose launch does not say it. What its manifest says now is in
    /// the log, which may be unreadable.
    private static let usualGraceMilliseconds: Int64 = 30_000

    static func graceMilliseconds(of observation: MachineObservation) -> Int64 {
        observation.graceMilliseconds ?? usualGraceMilliseconds
    }

    private static func stop(_ observation: MachineObservation, by driver: any MachineDriver) async -> Machine? {
        do throws(MachineFailure) {
            try await driver.stop(
                observation.uid, graceMilliseconds: graceMilliseconds(of: observation))
            return nil
        } catch {
            return Machine(observation, problem: error.message)
        }
    }

    private static func living(_ driver: any MachineDriver) async throws(AgentError) -> [MachineObservation] {
        do throws(MachineFailure) {
            return try await driver.observeAll().filter(\.state.mayHaveProcess)
        } catch {
            throw AgentError("the machines can't be listed: \(error.message)")
        }
    }

    private func withDriver<Value: Sendable>(
        _ body: (any MachineDriver) async throws(AgentError) -> Value
    ) async throws(AgentError) -> Value {
        let lockFile = WriteAheadLog.lockFile(in: directory.journal)
        let lock: DirectoryLock?
        do throws(DiskError) {
            lock = try DirectoryLock(file: lockFile)
        } catch {
            // A directory without a log never held a node that ran.
            guard error.isNotFound else {
                let holder = DirectoryLock.holder(of: lockFile).map { "process \($0)" } ?? "another process"
                throw AgentError(
                    error.isLockedByOther ? "\(holder) has the log in \(directory.journal) open" : "\(error)")
            }
            lock = nil
        }
        defer { lock?.release() }
        let driver = try MachineDrivers.make(hypervisor, in: directory)
        defer { withExtendedLifetime(driver) {} }
        let value = try await body(driver)
        await MachineDrivers.close(driver)
        return value
    }
}
