import EdgeValues
import Fleet
import Hypervisor
import JSONText
import Manifest
import Primitives
import Reconcile
import Testing

@Suite("What a node says of one machine")
struct MachineStatusTests {
    let now = Instant(milliseconds: 5000)
    let wall = WallTime(milliseconds: 1_700_000_000_000)

    func status(
        _ desired: DesiredMachine, _ observation: MachineObservation, previous: VirtualMachineStatus? = nil,
        at wall: WallTime? = nil
    ) -> VirtualMachineStatus {
        let steps = planMachine(
            desired, observed: observation, history: MachineHistory(), images: ImageShelf(), now: now)
        return composeStatus(
            of: desired, observed: observation, history: MachineHistory(), steps: steps, images: ImageShelf(),
            previous: previous, node: "node-1", wall: wall ?? self.wall)
    }

    func running(pid: Int32, startedAt: Int64) -> MachineObservation {
        MachineObservation(
            uid: MachinePlanTests.uid, state: .running, pid: pid, epoch: 1, generation: 1,
            startedAt: WallTime(milliseconds: startedAt), observedAt: now)
    }

    @Test("a running machine is ready and shows its process")
    func runningMachine() {
        let status = status(MachinePlanTests.machine(), running(pid: 42, startedAt: 1000))
        #expect(status.phase == .running && status.ready && status.pid == 42 && status.restarts == 0)
        #expect(status.conditions["Ready"]?.status == .true)
    }

    @Test("a status that is composed again of the same is unchanged, even later")
    func stable() {
        let first = status(MachinePlanTests.machine(), running(pid: 42, startedAt: 1000))
        let later = status(
            MachinePlanTests.machine(), running(pid: 42, startedAt: 1000), previous: first,
            at: WallTime(milliseconds: wall.milliseconds + 60_000))
        #expect(first == later)
    }

    @Test("another process is a restart, also when its agent was away; a start after a wanted stop is none")
    func restarts() {
        let desired = MachinePlanTests.machine()
        let first = status(desired, running(pid: 42, startedAt: 1000))
        let gone = status(
            desired,
            MachineObservation(uid: MachinePlanTests.uid, state: .stopped(.crashed(message: "x")), observedAt: now),
            previous: first)
        #expect(gone.phase == .starting && gone.pid == nil && gone.restarts == 0)
        #expect(status(desired, running(pid: 43, startedAt: 2000), previous: gone).restarts == 1)
        #expect(status(desired, running(pid: 43, startedAt: 2000), previous: first).restarts == 1)
        let halted = status(
            MachinePlanTests.machine(.halt(.spec(.halted))),
            MachineObservation(uid: MachinePlanTests.uid, state: .stopped(.stoppedByRequest), observedAt: now),
            previous: first)
        #expect(halted.phase == .stopped)
        #expect(status(desired, running(pid: 44, startedAt: 3000), previous: halted).restarts == 0)
    }

    @Test("a panic is a condition that goes when the guest runs again")
    func panic() {
        let desired = MachinePlanTests.machine()
        var observation = running(pid: 42, startedAt: 1000)
        observation.state = .panicked
        let panicked = status(desired, observation)
        #expect(panicked.phase == .paused && panicked.conditions["GuestPanicked"]?.status == .true)
        let mended = status(desired, running(pid: 43, startedAt: 2000), previous: panicked)
        #expect(mended.conditions["GuestPanicked"]?.status == .false && mended.ready)
    }

    @Test("a machine that does not answer is Unknown")
    func unresponsive() {
        var observation = running(pid: 42, startedAt: 1000)
        observation.state = .unresponsive(attempts: 3)
        let status = status(MachinePlanTests.machine(), observation)
        #expect(status.phase == .unknown && status.conditions["Ready"]?.status == .unknown)
    }

    @Test("a change that needs a restart is a condition, not a surprise")
    func restartRequired() throws {
        let before = MachinePlanTests.machine { $0.memoryBytes = 64 << 20 }
        let after = MachinePlanTests.machine(generation: 2) { $0.memoryBytes = 128 << 20 }
        var observation = running(pid: 42, startedAt: 1000)
        observation.launchDigest = try #require(MachineSpec(before, images: ImageShelf(), observed: nil)).launchDigest
        #expect(status(before, observation).conditions["RestartRequired"] == nil)
        let waiting = status(after, observation)
        #expect(waiting.conditions["RestartRequired"]?.status == .true && waiting.phase == .running)
    }

    @Test("another kernel that can't be had yet needs a restart all the same")
    func otherKernel() {
        let desired = MachinePlanTests.machine { $0.boot = .kernel(image: "k", initrd: nil, commandLine: nil) }
        var observation = running(pid: 42, startedAt: 1000)
        observation.bootImages = ["k": "/images/aa11.kernel"]
        observation.launchDigest = MachineSpec(desired, images: ImageShelf(), observed: observation)?.launchDigest
        func waits(_ holding: ImageShelf.Holding, _ digest: String?) -> Bool {
            restartWaits(
                desired, observation, ImageShelf(holdings: ["k": holding], digests: digest.map { ["k": $0] } ?? [:]))
        }
        for holding in [.absent, .fetching, .failed(message: "404")] as [ImageShelf.Holding] {
            #expect(waits(holding, "bb22"))
            #expect(!waits(holding, "aa11"))
            #expect(!waits(holding, nil))
        }
        #expect(waits(.held(path: "/images/bb22.kernel", format: .kernel, bytes: 1), "bb22"))
        #expect(!waits(.held(path: "/images/aa11.kernel", format: .kernel, bytes: 1), "aa11"))
        // Another image by its name.
        observation.bootImages = ["old": "/images/aa11.kernel"]
        #expect(waits(.failed(message: "404"), "bb22"))
    }

    @Test("the observations that another node is told are those that this node made")
    func roundTrip() throws {
        let states: [MachineState] = [
            .absent, .stopped(.crashed(message: "boom")), .stopped(.neverStarted), .starting, .running, .paused,
            .suspended, .poweredOff, .panicked, .ioError(message: "full"), .unresponsive(attempts: 2),
        ]
        var machines: [UID: NodeObservations.Machine] = [:]
        for (position, state) in states.enumerated() {
            let uid = UID(cluster: "c", index: 1, position: position)
            var history = MachineHistory()
            history.startFailed(.permanent(.portInUse, message: "busy"), generation: 3, at: now)
            history.filled(["a", "b"])
            var observation = MachineObservation(
                uid: uid, state: state, pid: 7, epoch: 2, generation: 3, launchDigest: "ab", observedAt: now + -5)
            observation.disks = position == 0 ? nil : ["b"]
            observation.bootImages = ["k": "/images/k"]
            machines[uid] = NodeObservations.Machine(
                observation: observation, history: history, generation: UInt64.max - UInt64(position),
                isBeingRemoved: position == 1, retryAt: position == 1 ? nil : now + 7, ageMilliseconds: 5)
        }
        let holdings: [String: ImageShelf.Holding] = [
            "a": .held(path: "/a", format: .qcow2, bytes: 5), "b": .failed(message: "404"), "c": .fetching,
            "d": .absent,
        ]
        let told = NodeObservations(machines: machines, images: holdings.mapValues(image), isEnding: true)
        #expect(NodeObservations(json: told.json(now: now), now: now) == told)
    }

    private func image(_ holding: ImageShelf.Holding) -> NodeImage {
        let spec = ImageSpec(source: "/s", digestHex: String(repeating: "a", count: 64), format: .kernel)
        return NodeImage(uid: UID(high: 1, low: 2), spec: spec, holding: holding)
    }

    @Test("a node's observations with numbers at their ends are told, and read by another node")
    func edges() {
        for now in [Instant(milliseconds: .min), .zero, Instant(milliseconds: .max)] {
            for number in [UInt64.min, 1 << 63, .max] {
                let uid = UID(high: number, low: number)
                var history = MachineHistory()
                history.startFailed(.permanent(.portInUse, message: ""), generation: number, at: now)
                let observation = MachineObservation(
                    uid: uid, state: .foreign(pid: .min), pid: .max, epoch: number, generation: number,
                    launchDigest: nil, observedAt: now)
                let told = NodeObservations(
                    machines: [
                        uid: NodeObservations.Machine(
                            observation: observation, history: history, generation: number, retryAt: now,
                            ageMilliseconds: 0)
                    ],
                    images: ["a": image(.held(path: "", format: .raw, bytes: .min))])
                let read = NodeObservations(json: told.json(now: now), now: now)
                #expect(read?.machines[uid]?.observation.epoch == min(number, UInt64(Int64.max)))
            }
        }
    }

    @Test("any observations that another node tells are read or refused, and a plan is made of them")
    func told() throws {
        let uid = UID(cluster: "c", index: 1, position: 0)
        let machine = NodeObservations.Machine(
            observation: MachineObservation(
                uid: uid, state: .unresponsive(attempts: 1), pid: 7, epoch: 2, generation: 3, launchDigest: "ab",
                observedAt: .zero), history: MachineHistory(), generation: 3, isBeingRemoved: true,
            retryAt: Instant(milliseconds: 5), ageMilliseconds: 5)
        let sample = NodeObservations(
            machines: [uid: machine], images: ["a": image(.held(path: "/a", format: .raw, bytes: 5))], isEnding: true
        ).json(now: .zero)
        var read = 0
        for variant in EdgeVariants.of(sample) {
            for now in [Instant(milliseconds: .min), .zero, Instant(milliseconds: .max)] {
                guard let seen = NodeObservations(json: variant.whole, now: now) else { continue }
                read += 1
                for (uid, machine) in seen.machines {
                    let desired = DesiredMachine(
                        key: ObjectKey(kind: "VirtualMachine", namespace: "default", name: "a"), uid: uid, epoch: 1,
                        generation: 1, intent: .run(.always), spec: VirtualMachineSpec())
                    let steps = MachineSituation(machine, desired).steps(
                        images: ImageShelf(holdings: seen.images.mapValues(\.holding)), isEnding: false, now: now)
                    #expect(steps.count < 5)
                }
                #expect(NodeObservations(json: seen.json(now: now), now: now) != nil, "\(variant)")
            }
        }
        #expect(read > 100)
    }
}
