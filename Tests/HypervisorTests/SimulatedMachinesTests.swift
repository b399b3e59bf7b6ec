import Hypervisor
import Primitives
import Testing

@Suite("Simulated machines as a value")
struct SimulatedMachinesTests {
    let spec = exampleSpec()
    let wall = WallTime(milliseconds: 1_000)
    var machines = SimulatedMachines(timing: .init(startMilliseconds: 100, stopMilliseconds: 50))

    private func at(_ milliseconds: Int64) -> Instant { Instant(milliseconds: milliseconds) }

    private func state(_ milliseconds: Int64) -> MachineState {
        machines.observe(spec.uid, now: at(milliseconds)).state
    }

    private mutating func running() throws {
        _ = try machines.start(spec, now: at(0), wallTime: wall)
    }

    @Test("a simulated machine runs after its start time, stops after its stop time, and is deleted with its disks")
    mutating func life() throws {
        #expect(state(0) == .absent)
        #expect(try machines.start(spec, now: at(0), wallTime: wall) == at(100))
        #expect(state(99) == .starting)
        #expect(machines.nextChange(after: at(0)) == at(100))
        let seen = machines.observe(spec.uid, now: at(100))
        #expect(seen.state == .running)
        #expect((seen.epoch, seen.generation, seen.launchDigest) == (1, 1, spec.launchDigest))
        #expect(seen.startedAt == wall && seen.pid != nil)
        #expect(throws: MachineFailure.self) { try machines.delete(spec.uid, now: at(100)) }
        #expect(try machines.stop(spec.uid, graceMilliseconds: 1000, now: at(200)) == at(250))
        #expect(state(249) == .running)
        #expect(state(250) == .stopped(.stoppedByRequest))
        #expect(machines.machines[spec.uid]?.disks == ["root": 1 << 20])
        try machines.delete(spec.uid, now: at(250))
        try machines.delete(spec.uid, now: at(250))
        #expect(machines.observeAll(now: at(250)).isEmpty)
    }

    @Test("a simulated machine takes every call twice")
    mutating func idempotence() throws {
        try running()
        let before = machines
        #expect(try machines.start(spec, now: at(0), wallTime: wall) == at(100))
        #expect(machines == before)
        #expect(try machines.stop(spec.uid, graceMilliseconds: 10, now: at(100)) == at(110))
        #expect(try machines.stop(spec.uid, graceMilliseconds: 10, now: at(105)) == at(110))
        #expect(try machines.stop(spec.uid, graceMilliseconds: 10, now: at(200)) == at(200))
    }

    @Test("a simulated machine is never held under a lower epoch, and follows a higher one without a restart")
    mutating func epochs() throws {
        machines.timing = .init(startMilliseconds: 0, stopMilliseconds: 0)
        _ = try machines.start(exampleSpec(epoch: 3), now: at(0), wallTime: wall)
        #expect {
            try machines.start(exampleSpec(epoch: 2), now: at(1), wallTime: wall)
        } throws: { ($0 as? MachineFailure)?.reason == .staleEpoch }
        _ = try machines.start(exampleSpec(epoch: 4, generation: 2), now: at(2), wallTime: wall)
        var resized = exampleSpec(epoch: 5, generation: 3)
        resized.vcpus = 2
        _ = try machines.start(resized, now: at(3), wallTime: wall)
        let seen = machines.observe(spec.uid, now: at(3))
        #expect((seen.epoch, seen.generation, seen.launchDigest) == (5, 2, spec.launchDigest))
        #expect(machines.machines[spec.uid]?.starts == 1)
    }

    @Test("a simulated machine keeps its disks over a restart, and they grow and never shrink")
    mutating func disks() throws {
        machines.timing = .init(startMilliseconds: 0, stopMilliseconds: 0)
        for size: Int64 in [4 << 20, 2 << 20] {
            var spec = spec
            spec.disks[0].sizeBytes = size
            _ = try machines.start(spec, now: at(0), wallTime: wall)
            _ = try machines.stop(spec.uid, graceMilliseconds: 0, now: at(0))
            #expect(machines.machines[spec.uid]?.disks["root"] == 4 << 20)
        }
    }

    @Test("a simulated machine shows what is done to it, and goes on from where that allows it")
    mutating func faults() throws {
        try running()
        machines.pause(spec.uid, now: at(100))
        #expect(state(100) == .paused)
        try machines.resume(spec.uid, now: at(100))
        machines.suspend(spec.uid, now: at(100))
        #expect(state(100) == .suspended)
        try machines.resume(spec.uid, now: at(100))
        machines.failDisk(spec.uid, message: "full", now: at(100))
        #expect(state(100) == .ioError(message: "full"))
        try machines.resume(spec.uid, now: at(100))
        machines.panic(spec.uid, now: at(100))
        #expect(state(100) == .panicked)
        #expect(throws: MachineFailure.self) { try machines.resume(spec.uid, now: at(100)) }
        _ = try machines.start(spec, now: at(100), wallTime: wall)
        #expect(state(200) == .running)
        machines.powerOff(spec.uid, now: at(200))
        #expect(state(200) == .poweredOff)
        #expect(try machines.stop(spec.uid, graceMilliseconds: 100, now: at(200)) == at(200))
        #expect(state(200) == .stopped(.guestPoweredOff))
        _ = try machines.start(spec, now: at(200), wallTime: wall)
        machines.crash(spec.uid, message: "signal 9", now: at(300))
        #expect(state(300) == .stopped(.crashed(message: "signal 9")))
        #expect(machines.machines[spec.uid]?.starts == 3)
    }

    @Test("a simulated machine whose process is unresponsive or foreign is not started again")
    mutating func unreachable() throws {
        try running()
        machines.hang(spec.uid, now: at(100))
        #expect(state(100) == .unresponsive(attempts: 3))
        #expect { try machines.start(spec, now: at(100), wallTime: wall) } throws: {
            ($0 as? MachineFailure)?.reason == .unresponsive
        }
        #expect(try machines.stop(spec.uid, graceMilliseconds: 700, now: at(100)) == at(800))
        _ = try machines.start(spec, now: at(800), wallTime: wall)
        machines.occupy(spec.uid, now: at(900))
        for call in [
            { try $0.stop(exampleSpec().uid, graceMilliseconds: 0, now: Instant(milliseconds: 900)) },
            { try $0.start(exampleSpec(), now: Instant(milliseconds: 900), wallTime: WallTime(milliseconds: 0)) },
        ] as [(inout SimulatedMachines) throws -> Instant] {
            #expect { try call(&machines) } throws: { ($0 as? MachineFailure)?.reason == .foreignProcess }
        }
        machines.vacate(spec.uid, now: at(900))
        #expect(state(900) == .stopped(.unknown))
    }

    @Test("a simulated machine fails a start once when told to")
    mutating func failingStart() throws {
        let failure = MachineFailure.retryable(.noSpace, message: "full")
        machines.failNextStart(spec.uid, with: failure)
        #expect(throws: failure) { try machines.start(spec, now: at(0), wallTime: wall) }
        #expect(state(0) == .absent)
        try running()
    }

    @Test("simulated machines are all without a process after the host was lost, and keep their disks")
    mutating func hostLoss() throws {
        try running()
        machines.loseHost()
        #expect(state(100) == .stopped(.hostRestarted))
        #expect(machines.machines[spec.uid]?.disks["root"] == 1 << 20)
    }

    @Test("a simulated machine ignores the power button when told to, until the grace is over")
    mutating func ignoredButton() throws {
        try running()
        machines.setIgnoresPowerButton(spec.uid, true)
        #expect(try machines.stop(spec.uid, graceMilliseconds: 5000, now: at(100)) == at(5100))
    }
}
