import Hypervisor
import Manifest
import Primitives
import Reconcile
import Testing

@Suite("Disks that were filled, and images that filled them")
struct KeptDisksTests {
    private let now = Instant(milliseconds: 100_000)

    /// A machine with a disk from an image and an empty one, booted from a kernel.
    private let desired = MachinePlanTests.machine { spec in
        spec.boot = .kernel(image: "k", initrd: nil, commandLine: nil)
        spec.disks = [
            .init(name: "a", sizeBytes: 1 << 20, format: .qcow2, image: "base"),
            .init(name: "b", sizeBytes: 1 << 20, format: .raw, image: nil),
        ]
    }

    private func stopped(_ disks: [String]?, kernel: String? = nil) -> MachineObservation {
        var seen = MachineObservation(
            uid: MachinePlanTests.uid, state: .stopped(.stoppedByRequest), observedAt: now)
        seen.disks = disks
        if let kernel { seen.bootImages = ["k": kernel] }
        return seen
    }

    private func held(_ path: String) -> ImageShelf.Holding { .held(path: path, format: .kernel, bytes: 1) }

    private func plan(
        _ seen: MachineObservation, _ holdings: [String: ImageShelf.Holding], history: MachineHistory = MachineHistory()
    ) -> [MachineAction] {
        planMachine(
            desired, observed: seen, history: history, images: ImageShelf(holdings: holdings), now: now
        ).map(\.action)
    }

    @Test("disks need their image only until they are filled")
    func filled() {
        for gone in [nil, .failed(message: "404"), .absent, .fetching] as [ImageShelf.Holding?] {
            var holdings = ["k": held("/k")]
            holdings["base"] = gone
            #expect(plan(stopped(["a", "b"]), holdings) == [.start])
            #expect(plan(stopped(["a", "b"]), holdings).first == .start)
            let before = plan(stopped(["b"]), holdings)
            #expect(before.first == (gone == nil ? .leave : .fetchImages(["base"])))
            #expect(plan(stopped(nil), holdings) == before)
        }
    }

    @Test("a start takes the disk that is there and never makes it anew")
    func told() throws {
        let shelf = ImageShelf(holdings: ["k": held("/k")])
        let spec = try #require(MachineSpec(desired, images: shelf, observed: stopped(["a"])))
        #expect(spec.disks.map(\.isFilled) == [true, false])
        #expect(spec.disks[0].baseImage == nil)
        #expect(MachineSpec(desired, images: shelf, observed: stopped(["b"])) == nil)
    }

    @Test("a machine boots from what it was booted from where its image can't be had, and not before that was tried")
    func kernel() throws {
        let seen = stopped(["a", "b"], kernel: "/images/old")
        for (holding, first) in [
            (nil, .start), (.failed(message: "404"), .start), (.absent, .fetchImages(["k"])),
            (.fetching, .fetchImages(["k"])), (held("/k"), .start),
        ] as [(ImageShelf.Holding?, MachineAction)] {
            var holdings: [String: ImageShelf.Holding] = [:]
            holdings["k"] = holding
            #expect(plan(seen, holdings).first == first)
        }
        #expect(plan(stopped(["a", "b"]), [:]) == [.leave])
        let spec = try #require(MachineSpec(desired, images: ImageShelf(), observed: seen))
        #expect(spec.boot == .kernel(path: "/images/old", initrd: nil, commandLine: ""))
        #expect(spec.bootImages == ["k": "/images/old"])
    }

    @Test("lost disks are not replaced in silence, also not by a restart while the process may hold the last of them")
    func lost() {
        var history = MachineHistory()
        history.filled(["a", "b"])
        let shelf = ["k": held("/k"), "base": held("/b")]
        for seen in [stopped(["b"]), stopped([]), .absent(MachinePlanTests.uid, at: now)] {
            #expect(plan(seen, shelf, history: history) == [.leave])
        }
        #expect(plan(stopped(["a", "b"]), shelf, history: history) == [.start])
        var running = stopped(["b"])
        running.state = .running
        #expect(plan(running, shelf, history: history) == [])
        history.take(.restart, lastStartedAt: nil)
        #expect(plan(running, shelf, history: history) == [.leave])
        history.acceptLoss(keeping: ["b"])
        #expect(plan(stopped(["b"]), shelf, history: history) == [.start])
    }

    @Test("lost disks are a condition of the machine, and stay known")
    func condition() {
        var history = MachineHistory()
        history.filled(["a", "b"])
        let seen = stopped(["b"])
        let steps = planMachine(desired, observed: seen, history: history, images: ImageShelf(), now: now)
        let status = composeStatus(
            of: desired, observed: seen, history: history, steps: steps, images: ImageShelf(), previous: nil,
            node: "node-1", wall: WallTime(milliseconds: 1))
        #expect(status.disks == ["a", "b"])
        #expect(status.conditions["DiskMissing"]?.status == .true)
        #expect(status.conditions["Ready"]?.reason == "DiskMissing" && status.phase == .stopped)
        #expect(status.message?.contains("disk a are gone") == true)
    }
}
