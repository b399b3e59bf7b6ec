import CLinux
import DriverPort
import Glibc
import Host
import Hypervisor
import JSONText
import Primitives

/// What a look at a machine found, before it is put into an observation.
struct ObservedState: Equatable, Sendable {
    var state: MachineState
    var message: String?

    init(_ state: MachineState, message: String? = nil) {
        self.state = state
        self.message = message
    }
}

extension QEMUMachine {
    func observe() async -> MachineObservation {
        // While a process comes into being, only the call that starts it talks to it.
        let observed = activity == .starting ? ObservedState(.starting) : await look()
        boundConsoleLog()
        var observation = observation(of: observed)
        let (directory, bootImages) = (directory, record?.bootImages ?? [:])
        (observation.disks, observation.bootImages) = await onPool { () throws(Never) in
            (directory.disks, directory.present(bootImages))
        }
        return observation
    }

    /// Finds out what the machine is doing, and takes hold of its process if it has one that is proven to be its own.
    ///
    /// One look at a time: two would connect twice, and QEMU serves one client. A call that is about to change
    /// something looks first, so that no look is under way when it begins.
    func look() async -> ObservedState {
        if lookers != nil { return await withCheckedContinuation { lookers?.append($0) } }
        lookers = []
        let observed = await lookNow()
        for looker in lookers ?? [] { looker.resume(returning: observed) }
        lookers = nil
        return observed
    }

    private func lookNow() async -> ObservedState {
        await loadRecord()
        if let process, let end = process.end { await noteEnd(of: process, end) }
        if process == nil {
            if let observed = await adopt() { return observed }
        }
        guard let process else { return await withoutProcess() }
        if ProcessStatus.read(pid: process.pid)?.isSuspended == true {
            return ObservedState(.suspended, message: "process \(process.pid) was stopped by a signal")
        }
        return await ask(process)
    }

    /// Asks QEMU itself, connecting first if need be.
    private func ask(_ process: ProcessHandle) async -> ObservedState {
        let problem: String
        do throws(ConnectFailure) {
            if connection?.isOpen != true { try await connect(to: process) }
            do throws(QMPFailure) {
                let reply = try await execute("query-status")
                if let state = RunState(reply: reply) {
                    if record != nil, record?.process?.pid != process.pid { await completeRecord(process) }
                    return ObservedState(state.machineState, message: state.message)
                }
                problem = "the answer holds no status"
            } catch {
                problem = error.description
            }
        } catch {
            if case .foreign(let pid, let message) = error {
                return ObservedState(.foreign(pid: pid), message: message)
            }
            problem = error.description
        }
        // A process that has just ended is silent, too.
        if let end = await process.waitForEnd(milliseconds: 20) {
            await noteEnd(of: process, end)
            return await withoutProcess()
        }
        silentAttempts += 1
        return ObservedState(
            .unresponsive(attempts: silentAttempts),
            message: "process \(process.pid) does not answer on \(MachineDirectory.driverSocket): \(problem)"
                + " (another client may hold that socket; \(MachineDirectory.adminSocket) is there for tools)")
    }

    /// Looks for a process that this driver does not hold yet; nil if there is none, or if it was taken hold of.
    private func adopt() async -> ObservedState? {
        let pidPath = directory.path(of: MachineDirectory.pidFile)
        let directoryPath = directory.path
        let wanted = uid
        let holder = await onPool { () -> DirectoryHolder in
            DirectoryHolder.find(pidFile: pidPath, directory: directoryPath, uid: wanted)
        }
        switch holder {
        case .free:
            return nil
        case .foreign(let pid, let why):
            return ObservedState(.foreign(pid: pid), message: why)
        case .unknown(let why):
            silentAttempts += 1
            return ObservedState(.unresponsive(attempts: silentAttempts), message: why)
        case .machine(let handle):
            process = handle
            follow(handle)
            // It was started again with the machine's own arguments, and not by this driver, after it had ended here.
            record?.ended = nil
            return nil
        }
    }

    /// Opens a connection to the process and proves it.
    func connect(to process: ProcessHandle) async throws(ConnectFailure) {
        let socket: Int32?
        do throws(HostError) {
            socket = try ControlSocket.connect(directory: directory.path, name: MachineDirectory.driverSocket)
        } catch {
            throw .silent("\(error)")
        }
        guard let socket else { throw .silent("no process listens") }
        try await connect(to: process, socket: socket, timeoutMilliseconds: Self.answerMilliseconds)
    }

    /// Makes a connected socket the machine's connection, if socket, process and machine belong together.
    func connect(
        to process: ProcessHandle, socket: Int32, timeoutMilliseconds milliseconds: Int64
    ) async throws(ConnectFailure) {
        connection?.close()
        connection = nil
        let feed = environment.feed
        let (uid, changes) = (uid, changes)
        let connection: QMPConnection
        do throws(HostError) {
            connection = try QMPConnection(
                descriptor: socket,
                onEvent: { event in
                    changes.notify()
                    if Self.tellingEvents.contains(event.name) { feed.report(uid) }
                },
                onClose: {
                    changes.notify()
                    feed.report(uid)
                })
        } catch {
            throw .silent("\(error)")
        }
        guard connection.peerPID == process.pid else {
            connection.close()
            throw .foreign(
                pid: connection.peerPID,
                message: "process \(connection.peerPID) answers on \(MachineDirectory.driverSocket), "
                    + "the lock is held by process \(process.pid)")
        }
        let told: String?
        do throws(QMPFailure) {
            _ = try await connection.execute("qmp_capabilities", nil, timeoutMilliseconds: milliseconds)
            told = try await connection.execute("query-uuid", nil, timeoutMilliseconds: milliseconds)["UUID"]?.string
        } catch {
            connection.close()
            throw .silent("\(error)")
        }
        guard told.flatMap({ UID($0) }) == uid else {
            connection.close()
            throw .foreign(pid: process.pid, message: "process \(process.pid) says that it is machine \(told ?? "-")")
        }
        guard self.process === process else {
            connection.close()
            throw .silent("the process was let go meanwhile")
        }
        self.connection = connection
        silentAttempts = 0
    }

    /// Lets the end of a process be known.
    func follow(_ handle: ProcessHandle) {
        let feed = environment.feed
        let (uid, changes) = (uid, changes)
        handle.onEnd { _ in
            changes.notify()
            feed.report(uid)
        }
    }

    /// Events after which the machine may be in another state.
    private static let tellingEvents: Set<String> = [
        "STOP", "RESUME", "SHUTDOWN", "GUEST_PANICKED", "BLOCK_IO_ERROR", "SUSPEND", "WAKEUP",
    ]

    private func observation(of observed: ObservedState) -> MachineObservation {
        let isUp = observed.state.mayHaveProcess
        let pid: Int32? = if case .foreign(let pid) = observed.state { pid } else { process?.pid }
        var observation = MachineObservation(
            uid: uid, state: observed.state, pid: isUp ? pid : nil, epoch: record?.epoch,
            generation: record?.generation, launchDigest: record?.launchDigest,
            startedAt: isUp ? record?.startedAt : nil, accelerator: isUp ? record?.accelerator.rawValue : nil,
            machineType: isUp ? record?.process?.machineType : nil, observedAt: SystemClock.now(),
            message: observed.message ?? recordProblem)
        // A record without a process is of a start that failed, or is not over yet.
        observation.graceMilliseconds = record?.graceMilliseconds
        observation.lastStartedAt = record?.process == nil ? nil : record?.startedAt
        return observation
    }
}

/// Why a process could not be talked to.
enum ConnectFailure: Error, Equatable, Sendable, CustomStringConvertible {
    case silent(String)
    case foreign(pid: Int32, message: String)

    var description: String {
        switch self {
        case .silent(let message), .foreign(_, let message): message
        }
    }
}
