import DriverPort
import Glibc
import Host
import Hypervisor
import JSONText
import Primitives

extension QEMUMachine {
    /// Pauses between presses of the power button, doubling from the first to the last: before the guest's driver for
    /// it is up, a press is lost.
    private static let pressMilliseconds: ClosedRange<Int64> = 125...1000
    /// How long QEMU may take to end after `quit`, and again after SIGTERM.
    private static let quitMilliseconds: Int64 = 2000
    /// How long the kernel may take to end a killed process.
    static let killMilliseconds: Int64 = 10_000

    func stop(graceMilliseconds: Int64) async throws(MachineFailure) {
        activity = .stopping
        defer { activity = .none }
        let deadline = SystemClock.now() + max(0, graceMilliseconds)
        let observed = await look()
        switch observed.state {
        case .absent, .stopped:
            // The reason of an end that was not asked for is kept.
            if case .stopped(let reason) = observed.state, record?.ended == nil { await keep(reason) }
            return
        case .foreign(let pid):
            throw .permanent(
                .foreignProcess,
                message: (observed.message ?? "process \(pid) holds the machine directory") + "; end it yourself")
        case .poweredOff:
            return try await end(as: .guestPoweredOff)
        case .panicked, .ioError:
            // No guest is there to hear the power button.
            break
        default:
            await askGuest(until: deadline)
        }
        // Its grace is not over: the guest goes on switching itself off, and the next stop begins with a look.
        if Task.isCancelled, process?.end == nil { throw .givenUp }
        try await end(as: .stoppedByRequest)
        environment.feed.report(uid)
    }

    /// Presses the power button until the guest is off, the process is gone, the time is over, or the task is
    /// cancelled.
    private func askGuest(until deadline: Instant) async {
        var pause = Self.pressMilliseconds.lowerBound
        while let process, process.end == nil, !Task.isCancelled {
            let left = deadline - SystemClock.now()
            guard left > 0 else { return }
            let seen = changes.count
            let observed = await look()
            switch observed.state {
            case .running:
                // A refusal or silence is met again by the next look.
                _ = try? await execute("system_powerdown")
            case .paused:
                // A halted guest hears nothing.
                _ = try? await execute("cont")
                continue
            case .suspended:
                // If that fails, the deadline ends it.
                _ = try? process.send(SIGCONT)
                await changes.wait(since: seen, milliseconds: min(left, 10))
                continue
            case .starting, .unresponsive:
                break
            case .poweredOff, .panicked, .ioError, .foreign, .absent, .stopped:
                return
            }
            // An answer's own events (POWERDOWN) beat, too: only a changed state ends the wait.
            await waitForChange(milliseconds: min(left, pause))
            pause = min(2 * pause, Self.pressMilliseconds.upperBound)
        }
    }

    /// Waits until the guest does not run any more, or for this time.
    private func waitForChange(milliseconds: Int64) async {
        let deadline = SystemClock.now() + milliseconds
        while let process, process.end == nil {
            let seen = changes.count
            guard let reply = try? await execute("query-status"), RunState(reply: reply)?.machineState == .running
            else { break }
            let left = deadline - SystemClock.now()
            guard left > 0 else { return }
            await changes.wait(since: seen, milliseconds: left)
        }
        // Off, gone or silent: give a silent one its time, so that the loop above does not spin.
        if let process, process.end == nil, connection?.isOpen != true {
            let left = deadline - SystemClock.now()
            if left > 0 { _ = await process.waitForEnd(milliseconds: min(left, 100)) }
        }
    }

    /// Ends the process, whatever it takes, writes the reason down and removes what it left behind.
    func end(as reason: StopReason) async throws(MachineFailure) {
        if let process {
            try await quit(process)
            guard process.end != nil else {
                throw .retryable(
                    .unresponsive,
                    message: "process \(process.pid) is there \(Self.killMilliseconds) ms after SIGKILL; "
                        + "the kernel holds it, commonly waiting for a disk")
            }
        }
        connection?.close()
        (connection, process) = (nil, nil)
        silentAttempts = 0
        await keep(reason)
        let leftovers = MachineDirectory.runtimeFiles.map { directory.path(of: $0) }
        await onPool { () in
            // What QEMU removed itself is not there any more; a file that stays hinders nothing.
            for path in leftovers { unlink(path) }
        }
    }

    /// Asks the process to end, ever more firmly.
    private func quit(_ process: ProcessHandle) async throws(MachineFailure) {
        if connection?.isOpen == true, (try? await execute("quit")) != nil,
            await process.waitForEnd(milliseconds: Self.quitMilliseconds) != nil
        {
            return
        }
        do throws(HostError) {
            try process.send(SIGTERM)
            if await process.waitForEnd(milliseconds: Self.quitMilliseconds) != nil { return }
            try process.send(SIGKILL)
            _ = await process.waitForEnd(milliseconds: Self.killMilliseconds)
        } catch {
            throw .retryable(.hostFailed, message: "\(error)")
        }
    }

    func resume() async throws(MachineFailure) {
        var observed = await look()
        if observed.state == .suspended, let process {
            do throws(HostError) {
                try process.send(SIGCONT)
            } catch {
                throw .retryable(.hostFailed, message: "\(error)")
            }
            observed = await look()
        }
        switch observed.state {
        case .running, .starting:
            break
        case .paused, .ioError:
            do throws(QMPFailure) {
                _ = try await execute("cont")
            } catch {
                throw .retryable(.unresponsive, message: "\(error)")
            }
        case .unresponsive, .suspended:
            throw .retryable(.unresponsive, message: observed.message ?? "the process does not answer")
        case .foreign:
            throw .retryable(.foreignProcess, message: observed.message ?? "the process is not this machine's")
        case .absent, .stopped, .poweredOff, .panicked:
            throw .permanent(.notRunning, message: "there is no guest that could go on")
        }
        environment.feed.report(uid)
    }
}
