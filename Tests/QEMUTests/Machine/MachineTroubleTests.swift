import Glibc
import Host
import Hypervisor
import Primitives
import Testing

@testable import QEMU

@Suite("Machines in trouble", .enabled(if: RealQEMU.mayRun, RealQEMU.reason), .timeLimit(.minutes(2)), .serialized)
struct MachineTroubleTests {
    let spec = exampleSpec()

    @Test("Machines whose guest ignores the power button end after the grace")
    func ignoredButton() async throws {
        try await Bench.with("ignore") { bench in
            let kernel = bench.root + "/ignoring.bz"
            try DurableFile.write(BuiltinGuest(heedsPowerButton: false).kernelImage, to: kernel, mode: 0o644)
            let spec = exampleSpec(boot: .kernel(path: kernel, initrd: nil, commandLine: ""))
            try await bench.driver.start(spec)
            try await bench.waitForConsole(spec, BuiltinGuest.banner)
            let began = SystemClock.now()
            try await bench.driver.stop(spec.uid, graceMilliseconds: 300)
            #expect(SystemClock.now() - began >= 300)
            #expect(await bench.driver.observe(spec.uid).state == .stopped(.stoppedByRequest))
            unlink(kernel)
        }
    }

    @Test("Machines are not ended by force when the stop is cancelled before the grace is over")
    func cancelledStop() async throws {
        try await Bench.with("cancelled-stop") { bench in
            let kernel = bench.root + "/ignoring.bz"
            try DurableFile.write(BuiltinGuest(heedsPowerButton: false).kernelImage, to: kernel, mode: 0o644)
            let spec = exampleSpec(boot: .kernel(path: kernel, initrd: nil, commandLine: ""))
            try await bench.driver.start(spec)
            let process = await bench.driver.observe(spec.uid).pid
            // A grace that no test waits for.
            let stop = Task { [driver = bench.driver, uid = spec.uid] () async -> MachineFailure? in
                do throws(MachineFailure) {
                    try await driver.stop(uid, graceMilliseconds: 3_600_000)
                    return nil
                } catch {
                    return error
                }
            }
            stop.cancel()
            #expect(await stop.value == .givenUp)
            let seen = await bench.driver.observe(spec.uid)
            #expect(seen.state == .running && seen.pid == process)
        }
    }

    @Test("Machines are not begun by a start that was cancelled before it came to that")
    func cancelledStart() async throws {
        try await Bench.with("cancelled-start") { bench in
            let start = Task { [driver = bench.driver, spec] () async -> MachineFailure? in
                withUnsafeCurrentTask { $0?.cancel() }
                do throws(MachineFailure) {
                    try await driver.start(spec)
                    return nil
                } catch {
                    return error
                }
            }
            #expect(await start.value == .givenUp)
            #expect(await bench.driver.observe(spec.uid).state == .absent)
        }
    }

    @Test("Machines that heed nothing at all are killed after the grace")
    func killedAfterGrace() async throws {
        try await Bench.with("kill") { bench in
            try await bench.driver.start(spec)
            let pid = try #require(await bench.driver.observe(spec.uid).pid)
            // Somebody stops the process again whenever it is let go on: it hears neither QMP nor SIGTERM.
            let process = try #require(try ProcessHandle.open(pid: pid))
            OwnThread.start(named: "stopper") {
                while process.end == nil {
                    // Once it is gone, the loop ends.
                    _ = try? process.send(SIGSTOP)
                    usleep(200)
                }
            }
            try await bench.driver.stop(spec.uid, graceMilliseconds: 200)
            #expect(process.end != nil)
            #expect(await bench.driver.observe(spec.uid).state == .stopped(.stoppedByRequest))
        }
    }

    @Test("Machines that don't answer are unresponsive, not started twice, and can be stopped")
    func unresponsive() async throws {
        try await Bench.with("silent") { bench in
            try await bench.driver.start(spec)
            let pid = await bench.driver.observe(spec.uid).pid
            let successor = await bench.successor()
            // QEMU serves one client at a time: while another holds the socket, it answers nobody else.
            let other = try #require(
                try ControlSocket.connect(directory: bench.directory(spec).path, name: MachineDirectory.driverSocket))
            let first = await successor.observe(spec.uid)
            #expect(first.state == .unresponsive(attempts: 1) && first.pid == pid)
            #expect(await successor.observe(spec.uid).state == .unresponsive(attempts: 2))
            await #expect {
                try await successor.start(spec)
            } throws: { ($0 as? MachineFailure)?.reason == .unresponsive }
            close(other)
            let back = try await bench.wait(spec, with: successor) { $0 == .running }
            #expect(back.pid == pid)
            await successor.close()
            let blocker = try #require(
                try ControlSocket.connect(directory: bench.directory(spec).path, name: MachineDirectory.driverSocket))
            let third = await bench.successor()
            try await third.stop(spec.uid, graceMilliseconds: 100)
            #expect(await third.observe(spec.uid).state == .stopped(.stoppedByRequest))
            close(blocker)
            await third.close()
        }
    }

    @Test("Machines whose directory another process holds are foreign, and that process is left alone")
    func foreign() async throws {
        try await Bench.with("foreign") { bench in
            // A QEMU that was started by hand in the machine's directory, under another uuid.
            try await bench.driver.start(spec)
            try await bench.driver.stop(spec.uid, graceMilliseconds: 0)
            let directory = bench.directory(spec).path
            let log = open(bench.root + "/foreign.log", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            defer {
                close(log)
                unlink(bench.root + "/foreign.log")
            }
            let stranger = try ChildProcess(
                executable: "/usr/bin/qemu-system-x86_64",
                arguments: [
                    "-nodefaults", "-display", "none", "-S", "-pidfile", "pid", "-uuid",
                    exampleSpec(index: 9).uid.description,
                    "-chardev", "socket,id=m,path=qmp.sock,server=on,wait=off", "-mon", "chardev=m,mode=control",
                ],
                environment: ChildProcess.plainEnvironment, workingDirectory: directory, newSession: true
            ).spawn(output: log)
            let seen = try await bench.wait(spec) { $0.mayHaveProcess }
            #expect(seen.state == .foreign(pid: stranger.pid))
            for call in [
                { try await $0.start(exampleSpec()) },
                { try await $0.stop(exampleSpec().uid, graceMilliseconds: 0) },
                { try await $0.resume(exampleSpec().uid) },
                { try await $0.delete(exampleSpec().uid) },
            ] as [@Sendable (QEMUDriver) async throws -> Void] {
                await #expect { try await call(bench.driver) } throws: {
                    ($0 as? MachineFailure)?.reason == .foreignProcess
                }
            }
            #expect(stranger.end == nil)
            try stranger.send(SIGKILL)
            _ = await stranger.waitForEnd()
            try await bench.driver.start(spec)
            #expect(await bench.driver.observe(spec.uid).state == .running)
        }
    }

    @Test("Machines that can't start say why, with QEMU's own words")
    func failingStarts() async throws {
        try await Bench.with("failing") { bench in
            let missing = exampleSpec(boot: .kernel(path: "/no/such/kernel", initrd: nil, commandLine: ""))
            await #expect { try await bench.driver.start(missing) } throws: {
                guard let failure = $0 as? MachineFailure else { return false }
                return failure.reason == .imageMissing && failure.message.contains("/no/such/kernel")
            }
            guard case .stopped(.crashed(let message)) = await bench.driver.observe(spec.uid).state else {
                Issue.record("it must be stopped")
                return
            }
            #expect(message.contains("/no/such/kernel"))

            let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(listener) }
            let port = try #require(Self.listen(listener))
            var taken = exampleSpec(index: 2)
            taken.networks = [
                .init(
                    name: "lan",
                    forwards: [.init(protocol: .tcp, hostAddress: "127.0.0.1", hostPort: port, guestPort: 80)])
            ]
            await #expect { try await bench.driver.start(taken) } throws: {
                ($0 as? MachineFailure)?.reason == .portInUse
            }
            guard case .stopped(.crashed(let reason)) = await bench.driver.observe(taken.uid).state else {
                Issue.record("it must be stopped")
                return
            }
            #expect(reason.contains("another program of this node listens"))
            var wrong = exampleSpec(index: 3)
            wrong.disks = [.init(name: "a,b", sizeBytes: 512, format: .raw, baseImage: nil)]
            await #expect { try await bench.driver.start(wrong) } throws: {
                ($0 as? MachineFailure)?.reason == .badConfiguration
            }
            #expect(await bench.driver.observe(wrong.uid).state == .absent)
        }
    }

    /// Listens on a free port of the loopback interface and answers its number.
    private static func listen(_ descriptor: Int32) -> UInt16? {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let done = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && Glibc.listen(descriptor, 1) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        return done ? UInt16(bigEndian: address.sin_port) : nil
    }

    @Test("Machines whose start was cut short by the driver's own end are taken up by the next driver")
    func interruptedStart() async throws {
        try await Bench.with("interrupted") { bench in
            _ = await bench.driver.capabilities
            let directory = bench.directory(spec)
            let options = LaunchOptions(accelerator: .tcg, builtinKernelPath: bench.root + "/cache/builtin-guest.bz")
            var record = exampleRecord()
            record.executable = "/usr/bin/qemu-system-x86_64"
            record.arguments = CommandLine(spec, options: options).arguments
            record.launchDigest = spec.launchDigest
            record.epoch = 7
            record.bootID = SystemFacts.bootID
            (record.process, record.ended) = (nil, nil)
            let files = LaunchFiles(directory: directory, uid: spec.uid, recordFile: RecordFile(directory))
            let launched = try files.spawn(record, number: 1)
            close(try #require(launched.socket))
            let seen = try await bench.driver.observeAll()
            #expect(seen.map(\.state) == [.running] && seen.map(\.pid) == [launched.process.pid])
            #expect(seen.map(\.epoch) == [7])
            try await bench.driver.start(exampleSpec(epoch: 7))
            let taken = await bench.driver.observe(spec.uid)
            #expect(taken.pid == launched.process.pid && taken.machineType?.hasPrefix("pc-q35-") == true)
        }
    }

    @Test("Machines that a restart of the host ended say so, and start again")
    func hostRestart() async throws {
        try await Bench.with("reboot") { bench in
            let directory = bench.directory(spec)
            var record = exampleRecord()
            record.epoch = 1
            record.ended = nil
            try LaunchFiles(directory: directory, uid: spec.uid, recordFile: RecordFile(directory))
                .prepare(durably: true)
            try RecordFile(directory).write(record, number: 1)
            #expect(try await bench.driver.observeAll().map(\.state) == [.stopped(.hostRestarted)])
            try await bench.driver.start(spec)
            #expect(await bench.driver.observe(spec.uid).state == .running)
        }
    }

    @Test("Machines without a readable record are known by their directory and can be stopped")
    func damagedRecord() async throws {
        try await Bench.with("damaged") { bench in
            try await bench.driver.start(spec)
            let pid = await bench.driver.observe(spec.uid).pid
            let record = bench.directory(spec).path(of: MachineDirectory.launchRecord)
            let successor = await bench.successor()
            try DurableFile.write(Array("{".utf8), to: record, mode: 0o600)
            let seen = try await successor.observeAll()
            #expect(seen.map(\.state) == [.running] && seen.map(\.pid) == [pid])
            #expect(seen[0].epoch == nil && seen[0].message?.contains("launch.json") == true)
            await #expect(throws: MachineFailure.self) { try await successor.start(spec) }
            try await successor.stop(spec.uid, graceMilliseconds: 0)
            #expect(await successor.observe(spec.uid).state == .stopped(.unknown))
            try await successor.start(spec)
            #expect(await successor.observe(spec.uid).epoch == 1)
            await successor.close()
        }
    }

    @Test("Machines drop the oldest part of a serial log that grows without end")
    func longConsole() async throws {
        try await Bench.with("console") { bench in
            try await bench.driver.start(spec)
            try await bench.waitForConsole(spec, BuiltinGuest.banner)
            let log = open(bench.directory(spec).path(of: MachineDirectory.consoleLog), O_WRONLY | O_APPEND)
            let block = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
            for _ in 0..<17 { #expect(write(log, block, block.count) == block.count) }
            close(log)
            _ = await bench.driver.observe(spec.uid)
            let chunk = try await bench.driver.consoleLog(spec.uid, offset: 0, limit: 10)
            if chunk.truncatedBefore > 0 {
                #expect(chunk.bytes == Array(block.prefix(10)))
                #expect(chunk.nextOffset == chunk.truncatedBefore + 10)
            }
            try await bench.type("end", to: spec) {
                while true {
                    let tail = try await bench.driver.consoleLog(spec.uid, offset: 17 << 20, limit: 1 << 16)
                    if String(decoding: tail.bytes, as: UTF8.self).hasSuffix("end") { break }
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
        }
    }
}
