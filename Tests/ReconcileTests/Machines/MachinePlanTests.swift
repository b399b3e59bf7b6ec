import Hypervisor
import Manifest
import Primitives
import Reconcile
import Testing

@Suite("What a node does for one machine")
struct MachinePlanTests {
    static let uid = UID(cluster: "c", index: 9, position: 0)
    let now = Instant(milliseconds: 100_000)

    static func machine(
        _ intent: DesiredMachine.Intent = .run(.always), generation: UInt64 = 1,
        _ change: (inout VirtualMachineSpec) -> Void = { _ in }
    ) -> DesiredMachine {
        var spec = VirtualMachineSpec()
        change(&spec)
        return DesiredMachine(
            key: ObjectKey(kind: "VirtualMachine", namespace: "default", name: "web"), uid: uid, epoch: 1,
            generation: generation, intent: intent, spec: spec)
    }

    func actions(
        _ desired: DesiredMachine, _ state: MachineState?, history: MachineHistory = MachineHistory(),
        images: ImageShelf = ImageShelf()
    ) -> [MachineAction] {
        let observed = state.map { MachineObservation(uid: Self.uid, state: $0, observedAt: now) }
        return planMachine(desired, observed: observed, history: history, images: images, now: now).map(\.action)
    }

    static let ended: [StopReason] = [
        .neverStarted, .guestPoweredOff, .stoppedByRequest, .crashed(message: "killed"), .hostRestarted, .unknown,
    ]

    @Test("a machine that nobody has looked at is looked at first")
    func unseen() {
        #expect(actions(Self.machine(), nil) == [.look])
    }

    @Test("Always starts a machine again whatever ended it", arguments: ended)
    func always(reason: StopReason) {
        #expect(actions(Self.machine(), .stopped(reason)) == [.start])
    }

    @Test("RerunOnFailure leaves a guest that switched itself off", arguments: ended)
    func rerun(reason: StopReason) {
        let expected: [MachineAction] = reason == .guestPoweredOff ? [] : [.start]
        #expect(actions(Self.machine(.run(.rerunOnFailure)), .stopped(reason)) == expected)
    }

    @Test("Once starts a machine once", arguments: ended)
    func once(reason: StopReason) {
        let expected: [MachineAction] = reason == .neverStarted ? [.start] : []
        #expect(actions(Self.machine(.run(.once)), .stopped(reason)) == expected)
    }

    @Test("a pause or a stop signal from outside is mended")
    func drift() {
        #expect(actions(Self.machine(), .paused) == [.resume])
        #expect(actions(Self.machine(), .suspended) == [.resume])
    }

    @Test(
        "what only a person can judge is left alone",
        arguments: [
            MachineState.panicked, .ioError(message: "no space"), .unresponsive(attempts: 3), .foreign(pid: 7),
        ])
    func leftAlone(state: MachineState) {
        #expect(actions(Self.machine(), state) == [.leave])
    }

    @Test("a foreign process is left alone even when the machine is to be deleted or stopped")
    func foreign() {
        #expect(actions(Self.machine(.remove(graceSeconds: nil)), .foreign(pid: 7)) == [.leave])
        #expect(actions(Self.machine(.halt(.spec(.halted))), .foreign(pid: 7)) == [.leave])
    }

    @Test("a deletion stops the machine, removes its files, and only then tells the cluster")
    func removal() {
        let desired = Self.machine(.remove(graceSeconds: 3))
        #expect(actions(desired, .running) == [.stop(graceMilliseconds: 3000), .delete, .reportRemoved])
        #expect(
            actions(desired, .unresponsive(attempts: 9))
                == [.stop(graceMilliseconds: 3000), .delete, .reportRemoved])
        #expect(actions(desired, .stopped(.stoppedByRequest)) == [.delete, .reportRemoved])
        #expect(actions(desired, .absent) == [.reportRemoved])
    }

    @Test("Halted stops what runs and does nothing to what does not")
    func halted() {
        let desired = Self.machine(.halt(.spec(.halted))) { $0.terminationGracePeriodSeconds = 7 }
        #expect(actions(desired, .running) == [.stop(graceMilliseconds: 7000)])
        #expect(actions(desired, .unresponsive(attempts: 2)) == [.stop(graceMilliseconds: 7000)])
        #expect(actions(desired, .stopped(.guestPoweredOff)) == [])
        #expect(actions(desired, .absent) == [])
    }

    @Test("Manual is left as it is, running or not")
    func manual() {
        for state in [MachineState.running, .paused, .absent, .stopped(.unknown)] {
            #expect(actions(Self.machine(.leave), state) == [])
        }
    }

    @Test("a requested restart replaces any process, an unresponsive one too")
    func restart() {
        var history = MachineHistory()
        history.take(.restart, lastStartedAt: nil)
        for state in [MachineState.running, .unresponsive(attempts: 4), .panicked, .ioError(message: "")] {
            #expect(
                actions(Self.machine(), state, history: history) == [.stop(graceMilliseconds: 30_000), .start])
        }
    }

    @Test("missing images are fetched before the start, and a missing Image object is said")
    func images() {
        let desired = Self.machine { $0.boot = .kernel(image: "k", initrd: "i", commandLine: nil) }
        let held = ImageShelf.Holding.held(path: "/k", format: .kernel, bytes: 5)
        #expect(actions(desired, .absent, images: ImageShelf()) == [.leave])
        #expect(
            actions(desired, .absent, images: ImageShelf(holdings: ["k": held, "i": .absent]))
                == [.fetchImages(["i"]), .start])
        #expect(
            actions(desired, .absent, images: ImageShelf(holdings: ["k": held, "i": held])) == [.start])
        #expect(actions(desired, .running, images: ImageShelf()) == [])
    }

    @Test("failed starts wait longer each time, and a failure that only a change mends waits for one")
    func backoff() {
        var history = MachineHistory()
        history.startFailed(.retryable(.portInUse, message: "8080 is in use"), generation: 1, at: now)
        #expect(actions(Self.machine(), .absent, history: history) == [.wait(milliseconds: 1000), .start])
        history.startFailed(.retryable(.portInUse, message: "8080 is in use"), generation: 1, at: now)
        #expect(actions(Self.machine(), .absent, history: history) == [.wait(milliseconds: 2000), .start])
        history.startFailed(.permanent(.badConfiguration, message: "no"), generation: 1, at: now)
        #expect(actions(Self.machine(), .absent, history: history) == [.leave])
        #expect(actions(Self.machine(generation: 2), .absent, history: history).last == .start)
    }

    @Test("the first restart comes at once, the next ones later, and health forgives")
    func crashLoop() {
        var history = MachineHistory()
        history.observedRunning(at: now)
        history.observedEnd(at: now + 10)
        #expect(history.notBefore == nil)
        history.observedRunning(at: now + 20)
        history.observedEnd(at: now + 30)
        #expect(history.notBefore == now + 1030)
        history.observedRunning(at: now + 2000)
        history.observedEnd(at: now + 2000 + MachineHistory.healthyAfterMilliseconds)
        #expect(history.notBefore == nil)
    }
}
