import Glibc
import Host
import Hypervisor
import Primitives
import Testing

@testable import QEMU

@Suite("Machines of real QEMU", .enabled(if: RealQEMU.mayRun, RealQEMU.reason), .timeLimit(.minutes(2)), .serialized)
struct MachineLifeTests {
    let spec = {
        var spec = exampleSpec()
        spec.graceMilliseconds = 90_000
        return spec
    }()

    @Test("Machines run at once, greet on the console, echo, stop by the power button, and go without a trace")
    func life() async throws {
        try await Bench.with("life") { bench in
            #expect(await bench.driver.observe(spec.uid).state == .absent)
            try await bench.driver.start(spec)
            let seen = await bench.driver.observe(spec.uid)
            #expect(seen.state == .running)
            #expect((seen.epoch, seen.generation, seen.launchDigest) == (1, 1, spec.launchDigest))
            #expect(seen.pid != nil && seen.startedAt != nil && seen.accelerator == "tcg")
            #expect(seen.machineType?.hasPrefix("pc-q35-") == true)
            #expect(seen.lastStartedAt == seen.startedAt && seen.graceMilliseconds == 90_000)
            try await bench.driver.start(spec)
            #expect(await bench.driver.observe(spec.uid).pid == seen.pid)
            try await bench.waitForConsole(spec, BuiltinGuest.banner)
            try await bench.type("hello", to: spec) { try await bench.waitForConsole(spec, "hello") }
            await #expect {
                try await bench.driver.delete(spec.uid)
            } throws: { ($0 as? MachineFailure)?.reason == .stillRunning }
            try await bench.driver.stop(spec.uid, graceMilliseconds: 60_000)
            let stopped = await bench.driver.observe(spec.uid)
            #expect(stopped.state == .stopped(.stoppedByRequest) && stopped.pid == nil)
            #expect(stopped.startedAt == nil && stopped.lastStartedAt == seen.startedAt)
            try await bench.driver.stop(spec.uid, graceMilliseconds: 0)
            try await bench.driver.start(spec)
            #expect(await bench.driver.observe(spec.uid).state == .running)
            try await bench.driver.stop(spec.uid, graceMilliseconds: 0)
            try await bench.driver.delete(spec.uid)
            try await bench.driver.delete(spec.uid)
            #expect(access(bench.directory(spec).path, F_OK) != 0)
            #expect(try await bench.driver.observeAll().isEmpty)
        }
    }

    @Test("Machines that are killed are stopped, with the signal, also for a driver that comes later")
    func killed() async throws {
        try await Bench.with("killed") { bench in
            try await bench.driver.start(spec)
            let pid = try #require(await bench.driver.observe(spec.uid).pid)
            var changes = bench.driver.changes.makeAsyncIterator()
            kill(pid, SIGKILL)
            #expect(await changes.next() == spec.uid)
            let seen = try await bench.wait(spec) { !$0.mayHaveProcess }
            guard case .stopped(.crashed(let message)) = seen.state else {
                Issue.record("\(seen.state)")
                return
            }
            #expect(message.contains("signal 9"))
            let successor = await bench.successor()
            #expect(await successor.observe(spec.uid).state == seen.state)
            try await successor.start(spec)
            #expect(await successor.observe(spec.uid).state == .running)
            await successor.close()
        }
    }

    @Test("Machines are adopted by the next driver, which proves them and goes on with the same process")
    func adoption() async throws {
        try await Bench.with("adoption") { bench in
            let second = exampleSpec(index: 2, epoch: 5)
            try await bench.driver.start(spec)
            try await bench.driver.start(second)
            let before = try await bench.driver.observeAll()
            let successor = await bench.successor()
            let after = try await successor.observeAll()
            #expect(after.map(\.pid) == before.map(\.pid))
            #expect(after.map(\.state) == [.running, .running])
            #expect(after.map(\.epoch) == [1, 5] && after.map(\.machineType) == before.map(\.machineType))
            // The end of a process that is nobody's child any more is seen, too.
            var changes = successor.changes.makeAsyncIterator()
            kill(try #require(after[0].pid), SIGKILL)
            #expect(await changes.next() == spec.uid)
            _ = try await bench.wait(spec, with: successor) { $0 != .running }
            try await successor.stop(second.uid, graceMilliseconds: 60_000)
            #expect(await successor.observe(second.uid).state == .stopped(.stoppedByRequest))
            await successor.close()
        }
    }

    @Test("Many looks at machines at once don't disturb each other, also while the machines start and stop")
    func manyLooks() async throws {
        try await Bench.with("looks") { bench in
            let allowed: @Sendable (MachineState) -> Bool = { state in
                switch state {
                case .absent, .starting, .running, .poweredOff, .stopped(.stoppedByRequest): true
                default: false
                }
            }
            for _ in 0..<3 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        try await bench.driver.start(exampleSpec())
                        try await bench.waitForConsole(exampleSpec(), BuiltinGuest.banner)
                        try await bench.driver.stop(exampleSpec().uid, graceMilliseconds: 60_000)
                    }
                    for _ in 0..<8 {
                        group.addTask {
                            for _ in 0..<40 {
                                let seen = await bench.driver.observe(exampleSpec().uid)
                                #expect(allowed(seen.state), "\(seen)")
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            try await bench.driver.start(spec)
            let successor = await bench.successor()
            let seen = await withTaskGroup(of: MachineState.self) { group in
                for _ in 0..<20 { group.addTask { await successor.observe(exampleSpec().uid).state } }
                var seen: [MachineState] = []
                for await state in group { seen.append(state) }
                return seen
            }
            #expect(seen.allSatisfy { $0 == .running })
            await successor.close()
        }
    }

    @Test("Machines that end while no driver looks are found crashed")
    func endUnseen() async throws {
        try await Bench.with("unseen") { bench in
            try await bench.driver.start(spec)
            let pid = try #require(await bench.driver.observe(spec.uid).pid)
            let process = try #require(try ProcessHandle.open(pid: pid))
            let successor = await bench.successor()
            kill(pid, SIGKILL)
            _ = await process.waitForEnd()
            let seen = await successor.observe(spec.uid)
            guard case .stopped(.crashed) = seen.state else {
                Issue.record("\(seen.state)")
                return
            }
            await successor.close()
        }
    }

    @Test("Machines that are suspended or paused by others say so, and go on when told")
    func resume() async throws {
        try await Bench.with("resume") { bench in
            try await bench.driver.start(spec)
            let pid = try #require(await bench.driver.observe(spec.uid).pid)
            kill(pid, SIGSTOP)
            _ = try await bench.wait(spec) { $0 == .suspended }
            try await bench.driver.start(spec)
            #expect(await bench.driver.observe(spec.uid).state == .suspended)
            try await bench.driver.resume(spec.uid)
            #expect(await bench.driver.observe(spec.uid).state == .running)
            var changes = bench.driver.changes.makeAsyncIterator()
            try await bench.admin(spec, "stop")
            #expect(await changes.next() == spec.uid)
            #expect(await bench.driver.observe(spec.uid).state == .paused)
            try await bench.driver.resume(spec.uid)
            try await bench.driver.resume(spec.uid)
            #expect(await bench.driver.observe(spec.uid).state == .running)
            // The power button reaches a guest that was paused or suspended just before, too.
            try await bench.waitForConsole(spec, BuiltinGuest.banner)
            try await bench.admin(spec, "stop")
            kill(pid, SIGSTOP)
            try await bench.driver.stop(spec.uid, graceMilliseconds: 60_000)
            #expect(await bench.driver.observe(spec.uid).state == .stopped(.stoppedByRequest))
        }
    }

    @Test("Machines show a guest that is off or has panicked, keep its process, and start anew")
    func guestEnds() async throws {
        try await Bench.with("ends") { bench in
            try await bench.driver.start(spec)
            let first = await bench.driver.observe(spec.uid).pid
            try await bench.waitForConsole(spec, BuiltinGuest.banner)
            try await bench.type("p", to: spec) {
                let panicked = try await bench.wait(spec) { $0 == .panicked }
                #expect(panicked.pid == first)
            }
            await #expect {
                try await bench.driver.resume(spec.uid)
            } throws: { ($0 as? MachineFailure)?.reason == .notRunning }
            try await bench.driver.start(spec)
            let second = await bench.driver.observe(spec.uid)
            #expect(second.state == .running && second.pid != first)
            // The second banner: until then the guest does not listen.
            try await bench.waitForConsole(spec, "p" + BuiltinGuest.banner)
            try await bench.type("s", to: spec) { _ = try await bench.wait(spec) { $0 == .poweredOff } }
            try await bench.driver.stop(spec.uid, graceMilliseconds: 60_000)
            #expect(await bench.driver.observe(spec.uid).state == .stopped(.guestPoweredOff))
        }
    }

    @Test("Machines are held under the highest epoch, without a restart")
    func epochs() async throws {
        try await Bench.with("epochs") { bench in
            try await bench.driver.start(exampleSpec(epoch: 3))
            let pid = await bench.driver.observe(spec.uid).pid
            await #expect {
                try await bench.driver.start(exampleSpec(epoch: 2))
            } throws: { ($0 as? MachineFailure)?.reason == .staleEpoch }
            var resized = exampleSpec(epoch: 4)
            resized.generation = 2
            resized.vcpus = 2
            try await bench.driver.start(resized)
            let seen = await bench.driver.observe(spec.uid)
            #expect((seen.epoch, seen.generation, seen.pid) == (4, 1, pid))
            let successor = await bench.successor()
            #expect(await successor.observe(spec.uid).epoch == 4)
            await successor.close()
        }
    }

    @Test("Machines start side by side, each once, however often they are asked to")
    func crowd() async throws {
        try await Bench.with("crowd") { bench in
            let specs = (1...4).map { exampleSpec(index: $0) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for spec in specs + specs { group.addTask { try await bench.driver.start(spec) } }
                try await group.waitForAll()
            }
            let seen = try await bench.driver.observeAll()
            #expect(seen.map(\.uid) == specs.map(\.uid))
            #expect(seen.allSatisfy { $0.state == .running })
            #expect(Set(seen.compactMap(\.pid)).count == 4)
        }
    }
}
