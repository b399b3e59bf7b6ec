import DriverPort
import Glibc
import Host
import Hypervisor
import JSONText
import Primitives

extension QEMUMachine {
    func start(_ spec: MachineSpec) async throws(MachineFailure) {
        try Self.check(spec)
        activity = .starting
        defer { activity = .none }
        let observed = await look()
        if let epoch = record?.epoch, epoch > spec.epoch {
            throw .permanent(
                .staleEpoch, message: "epoch \(spec.epoch) was asked for, epoch \(epoch) holds the machine")
        }
        switch observed.state {
        case .running, .starting, .paused, .suspended, .ioError:
            return try await takeOver(spec)
        case .unresponsive:
            throw .retryable(.unresponsive, message: observed.message ?? "the process does not answer")
        case .foreign(let pid):
            throw .retryable(
                .foreignProcess, message: observed.message ?? "process \(pid) holds the machine directory")
        case .poweredOff, .panicked:
            try await end(as: observed.state == .poweredOff ? .guestPoweredOff : .stoppedByRequest)
        case .absent, .stopped:
            break
        }
        try await launch(spec)
        environment.feed.report(uid)
    }

    /// Holds a machine that is up under the spec's epoch.
    private func takeOver(_ spec: MachineSpec) async throws(MachineFailure) {
        guard var record else {
            throw .permanent(
                .hostFailed,
                message: "the machine runs without a readable record (\(recordProblem ?? "there is none")); "
                    + "stop it, then start it again")
        }
        record.epoch = spec.epoch
        record.graceMilliseconds = spec.graceMilliseconds
        if record.launchDigest == spec.launchDigest { record.generation = spec.generation }
        if record != self.record { try await save(record) }
    }

    private func launch(_ spec: MachineSpec) async throws(MachineFailure) {
        let ready = try await environment.prerequisites.find()
        await environment.permits.take()
        defer { environment.permits.giveBack() }
        // A start that waited for others while the driver's user ended is left to the next one.
        if Task.isCancelled { throw .givenUp }
        let files = LaunchFiles(directory: directory, uid: uid, recordFile: recordFile)
        if !spec.disks.isEmpty {
            try await onPool { () throws(MachineFailure) in try files.prepare(durably: true) }
            let tool = ImageTool(executable: ready.installation.imageTool)
            try await MachineDisks(directory: directory, tool: tool, pool: environment.pool).prepare(spec.disks)
        }
        let (named, builtin) = try await onPool { [directory] () throws(MachineFailure) in
            // Names begin at the machine directory, so it must be there.
            try files.prepare(durably: false)
            return (spec.naming(directory.name), directory.name(of: ready.builtinKernelPath))
        }
        let options = LaunchOptions(accelerator: ready.acceleration.accelerator, builtinKernelPath: builtin)
        var record = LaunchRecord(
            uid: uid, name: spec.name, epoch: spec.epoch, generation: spec.generation,
            launchDigest: spec.launchDigest, executable: ready.installation.systemEmulator,
            arguments: CommandLine(named, options: options).arguments, accelerator: options.accelerator,
            bootID: environment.bootID, startedAt: SystemClock.wallTime(), process: nil, ended: nil)
        record.bootImages = named.bootImages
        record.graceMilliseconds = spec.graceMilliseconds
        if Task.isCancelled { throw .givenUp }
        // From here on a process may be there: whatever happens, the record is the one of this start.
        let launched: LaunchFiles.Launched
        let number = nextRecordNumber()
        do throws(MachineFailure) {
            launched = try await onPool { [record] () throws(MachineFailure) in
                try files.spawn(record, number: number)
            }
            (self.record, recordProblem) = (record, nil)
        } catch {
            // No process came of it, and the reason is that of the last start.
            self.record = record
            await keep(.crashed(message: error.message))
            throw error
        }
        let handle = launched.process
        process = handle
        follow(handle)
        do throws(MachineFailure) {
            try await waitUntilRunning(launched, spec)
        } catch {
            // It was spawned a moment ago by this call and never ran: it is ours to end.
            _ = try? handle.send(SIGKILL)
            _ = await handle.waitForEnd(milliseconds: Self.killMilliseconds)
            connection?.close()
            (connection, process) = (nil, nil)
            await keep(.crashed(message: error.message))
            throw error
        }
    }

    private func waitUntilRunning(
        _ launched: LaunchFiles.Launched, _ spec: MachineSpec
    ) async throws(MachineFailure) {
        let handle = launched.process
        guard let socket = launched.socket else { throw await startFailure(handle, spec, what: "it never listened") }
        do throws(ConnectFailure) {
            try await connect(to: handle, socket: socket, timeoutMilliseconds: Self.startMilliseconds)
        } catch {
            throw await startFailure(afterEndOf: handle, spec, what: error.description)
        }
        let deadline = SystemClock.now() + Self.startMilliseconds
        while true {
            let seen = changes.count
            do throws(QMPFailure) {
                let state = RunState(reply: try await execute("query-status"))
                // A guest that is off or panicked by now did run; what it is now shows the next look.
                if let state, state.machineState != .starting { break }
            } catch {
                // On a busy host an answer may take its time; an end takes none.
                guard case .silent = error else {
                    throw await startFailure(afterEndOf: handle, spec, what: error.description)
                }
            }
            let left = deadline - SystemClock.now()
            guard left > 0 else { throw .retryable(.startFailed, message: "QEMU did not get the guest running") }
            // The process stays, and the next look adopts it.
            if Task.isCancelled { return }
            await changes.wait(since: seen, milliseconds: min(left, 100))
        }
        await completeRecord(handle)
    }

    /// Adds to the record what is only known once the process answers, and has it written.
    ///
    /// The caller doesn't wait for the disk. A failure shows in every observation until a record could be written.
    func completeRecord(_ handle: ProcessHandle) async {
        let process = LaunchRecord.Process(
            pid: handle.pid, startTicks: ProcessStatus.read(pid: handle.pid)?.startTicks ?? 0,
            version: connection?.version, machineType: await machineType())
        guard var complete = record, complete.ended == nil else { return }
        complete.process = process
        record = complete
        let number = nextRecordNumber()
        let earlier = saving
        saving = Task { [complete] in
            await earlier?.value
            // A failure shows in every observation until a record could be written.
            try? await write(complete, number: number)
        }
    }

    /// A connection that breaks is commonly the first sign of an end.
    private func startFailure(
        afterEndOf handle: ProcessHandle, _ spec: MachineSpec, what: String
    ) async -> MachineFailure {
        _ = await handle.waitForEnd(milliseconds: 100)
        return await startFailure(handle, spec, what: what)
    }

    private func startFailure(_ handle: ProcessHandle, _ spec: MachineSpec, what: String) async -> MachineFailure {
        guard let end = handle.end else { return .retryable(.unresponsive, message: "QEMU started, but: \(what)") }
        let directory = directory
        return await onPool { () throws(Never) in
            // A file system that can't be asked is not known to be full.
            let free = (try? SystemFacts.freeDiskBytes(at: directory.path)) ?? .max
            return StartFailure.classify(
                log: LogTail.read(directory.path(of: MachineDirectory.log), limit: 4096), end: end.description,
                directory: directory.path, isFull: free == 0
            ) { PortProbe.trouble(with: spec.networks) }
        }
    }

    /// The versioned name of the virtual hardware behind `q35`; nil if QEMU does not tell.
    private func machineType() async -> String? {
        let name = try? await execute("qom-get", ["path": "/machine", "property": "type"]).string
        guard let name else { return nil }
        return name.hasSuffix("-machine") ? String(name.dropLast("-machine".count)) : name
    }

    /// How long QEMU may take from its first answer to a running guest.
    private static let startMilliseconds: Int64 = 20_000

    /// What the command line relies on. The fleet has checked it all; a driver checks what protects the host.
    private static func check(_ spec: MachineSpec) throws(MachineFailure) {
        func refuse(_ what: String) -> MachineFailure { .permanent(.badConfiguration, message: what) }
        guard spec.vcpus > 0, spec.memoryBytes > 0 else {
            throw refuse("vcpus (\(spec.vcpus)) and memory (\(spec.memoryBytes) bytes) must be positive")
        }
        for names in [spec.disks.map(\.name), spec.networks.map(\.name)] {
            guard Set(names).count == names.count else { throw refuse("a disk or network is named twice") }
            for name in names {
                let isPlain = name.utf8.allSatisfy { byte in
                    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "-")
                        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                }
                guard isPlain, !name.isEmpty, name.utf8.count <= 63 else {
                    throw refuse("\"\(name)\" is no name for a disk or network: use a-z, 0-9 and -, at most 63")
                }
            }
        }
        if case .disk(let name) = spec.boot, !spec.disks.contains(where: { $0.name == name }) {
            throw refuse("the machine boots from disk \(name), which it does not have")
        }
    }
}
