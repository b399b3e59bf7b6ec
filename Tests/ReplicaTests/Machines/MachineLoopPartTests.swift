import Fleet
import Hypervisor
import Manifest
import Primitives
import Reconcile
import Testing

@testable import Replica

@Suite("The loop of machines alone")
struct MachineLoopPartTests {
    private let now = PartValues.now
    private let fleet = PartValues.fleet(["web", "other"], bound: ["web"])
    private var uid: UID { fleet[ReplicaTests.key("web")]!.uid }
    private let stranger = UID(cluster: "cluster", index: 99, position: 0)

    private func loop(_ effects: inout Effects) -> MachineLoop {
        var loop = MachineLoop(revision: 0)
        loop.adopt(fleet, as: "node-1", at: now, effects: &effects)
        return loop
    }

    private func look(_ state: MachineState, _ uid: UID, after milliseconds: Int64 = 0) -> MachineObservation {
        MachineObservation(uid: uid, state: state, observedAt: now + milliseconds)
    }

    /// The loop that was just allowed to start its machine.
    private func starting(_ effects: inout Effects) -> MachineLoop {
        var loop = loop(&effects)
        loop.observeAll([], at: now, effects: &effects)
        loop.caughtUp(at: now)
        loop.run(in: fleet, at: now, effects: &effects)
        return loop
    }

    @Test("the loop of machines follows the machines that are bound to its node, and no others")
    func follows() {
        var effects = Effects()
        var loop = loop(&effects)
        #expect(Array(loop.machines.keys) == [uid])
        #expect(loop.revision == fleet.revision)
        #expect(effects.changes.node)
        loop.adopt(fleet, as: nil, at: now, effects: &effects)
        #expect(loop.machines.isEmpty)
    }

    @Test("nothing is started before all machines were looked at and a quorum has confirmed the state")
    func patience() {
        var effects = Effects()
        var loop = loop(&effects)
        loop.run(in: fleet, at: now, effects: &effects)
        #expect(effects.work.isEmpty)
        loop.observeAll([], at: now, effects: &effects)
        loop.run(in: fleet, at: now, effects: &effects)
        #expect(effects.work.isEmpty)
        #expect(loop.asksToCatchUp() == true)
        #expect(loop.asksToCatchUp() == false)
        loop.catchUpFailed()
        #expect(loop.asksToCatchUp() == true)
        loop.caughtUp(at: now)
        #expect(loop.asksToCatchUp() == false)
        loop.run(in: fleet, at: now, effects: &effects)
        guard case .start? = effects.work.first, effects.work.count == 1 else {
            Issue.record("not started: \(effects.work)")
            return
        }
    }

    @Test("one work is under way for a machine at a time, and its end is told as an event")
    func oneWork() {
        var effects = Effects()
        var loop = starting(&effects)
        loop.run(in: fleet, at: now + 10, effects: &effects)
        #expect(effects.work.count == 1)
        loop.done(uid, nil, look(.running, uid, after: 20), at: now + 20, effects: &effects)
        #expect(effects.changes.events.map(\.reason) == ["Started"])
        #expect(effects.changes.machines == [uid])
        loop.run(in: fleet, at: now + 20, effects: &effects)
        #expect(effects.work.count == 1)
    }

    @Test("a request that an earlier run of the agent recorded counts for plans before the loop takes it up, and once")
    func recalledRequest() throws {
        let desired = try #require(fleet[ReplicaTests.key("web")].flatMap { DesiredMachine($0) })
        var running = look(.running, uid)
        running.lastStartedAt = WallTime(milliseconds: 5)
        func machine(seeing observation: MachineObservation?) throws -> LocalMachine {
            let object = try #require(fleet[ReplicaTests.key("web")])
            return LocalMachine(MachineSituation(desired, of: object, observation: observation))
        }
        func recorded(_ started: Int64) -> (DesiredMachine) -> VirtualMachineStatus.Request? {
            { _ in .init(verb: "restart", lastStartedAt: WallTime(milliseconds: started)) }
        }
        let recalled = try machine(seeing: running).recalled(recorded: recorded(5))
        #expect(recalled.history.requested == .replacement)
        // It was served since, or is to be judged after the first look.
        #expect(try machine(seeing: running).recalled(recorded: recorded(4)).history.requested == nil)
        #expect(try machine(seeing: nil).recalled(recorded: recorded(5)).history.requested == nil)
        #expect(recalled.recalled(recorded: recorded(5)).history == recalled.history)
    }

    @Test("an unwanted end of a machine is told, and a look that is older than the last is not taken")
    func ends() {
        var effects = Effects()
        var loop = starting(&effects)
        loop.done(uid, nil, look(.running, uid, after: 20), at: now + 20, effects: &effects)
        loop.observe(look(.stopped(.crashed(message: "")), uid, after: 10), at: now + 30, effects: &effects)
        #expect(loop.machines[uid]?.observation?.state == .running)
        loop.observe(look(.stopped(.crashed(message: "boom")), uid, after: 30), at: now + 30, effects: &effects)
        #expect(effects.changes.events.map(\.reason) == ["Started", "Exited"])
        #expect(effects.changes.events.last?.message == "boom")
    }

    @Test("a failed start is told, and waits before it is tried again")
    func failure() {
        var effects = Effects()
        var loop = starting(&effects)
        let failure = MachineFailure.retryable(.startFailed, message: "no luck")
        loop.done(uid, failure, look(.stopped(.neverStarted), uid, after: 20), at: now + 20, effects: &effects)
        #expect(effects.changes.events.map(\.reason) == ["FailedStart"])
        loop.run(in: fleet, at: now + 20, effects: &effects)
        #expect(effects.work.count == 1)
    }

    @Test("a machine that is not bound to the node is noted once, and never touched")
    func strangers() {
        var effects = Effects()
        var loop = starting(&effects)
        _ = effects.take()
        for milliseconds in [30, 40] as [Int64] {
            loop.observe(look(.running, stranger, after: milliseconds), at: now + milliseconds, effects: &effects)
        }
        #expect(effects.notices == [.unknownMachine(stranger, .running)])
        #expect(loop.strangers.keys.sorted() == [stranger])
        loop.run(in: fleet, at: now + 40, effects: &effects)
        #expect(effects.work.isEmpty)
        loop.observe(.absent(stranger, at: now + 50), at: now + 50, effects: &effects)
        #expect(loop.strangers.isEmpty)
    }

    @Test("machines are looked at again each two seconds")
    func resync() {
        var effects = Effects()
        var loop = loop(&effects)
        loop.observeAll([look(.running, uid)], at: now, effects: &effects)
        loop.tick(at: now + (ReplicaTiming.resyncMilliseconds - 1), effects: &effects)
        #expect(effects.work.isEmpty)
        loop.tick(at: now + ReplicaTiming.resyncMilliseconds, effects: &effects)
        #expect(effects.work == [.look])
    }

    @Test("a node that ends brings its machines down, and says once that they are")
    func halts() {
        var effects = Effects()
        var loop = loop(&effects)
        loop.observeAll([look(.running, uid)], at: now, effects: &effects)
        loop.halt(at: now)
        loop.run(in: fleet, at: now, effects: &effects)
        guard case .stop? = effects.work.first, effects.work.count == 1 else {
            Issue.record("not stopped: \(effects.work)")
            return
        }
        loop.done(uid, nil, look(.stopped(.stoppedByRequest), uid, after: 9), at: now + 9, effects: &effects)
        for _ in 0..<2 { loop.run(in: fleet, at: now + 9, effects: &effects) }
        #expect(effects.list.count { if case .machinesHalted = $0 { true } else { false } } == 1)
    }

    @Test("a request is answered once it is recorded, or when that takes too long")
    func requests() {
        var effects = Effects()
        var loop = loop(&effects)
        loop.observeAll([look(.running, uid)], at: now, effects: &effects)
        loop.take(.restart, of: stranger, for: Waiter(1), at: now, effects: &effects)
        loop.take(.restart, of: uid, for: Waiter(2), at: now, effects: &effects)
        loop.answerRequests(in: fleet, at: now, effects: &effects)
        loop.answerRequests(in: fleet, at: now + ReplicaTiming.readMilliseconds, effects: &effects)
        let verdicts = effects.list.compactMap { effect -> String? in
            guard case .requested(let waiter, let verdict) = effect else { return nil }
            return "\(waiter.number) \(verdict.map { "\($0)" } ?? "nil")"
        }
        #expect(verdicts == ["1 nil", "2 notRecorded"])
    }
}

@Suite("Images of a node alone")
struct NodeImagesTests {
    private let now = PartValues.now

    private func object(_ digit: String) -> Mutation {
        .put(
            Put(
                key: key, labels: [:], annotations: [:],
                spec: Array(
                    "{\"digest\":\"sha256:\(String(repeating: digit, count: 64))\",\"format\":\"raw\",\"source\":\"/a\"}"
                        .utf8), precondition: .none, requiredNode: nil))
    }

    private var key: ObjectKey { ObjectKey(kind: "Image", namespace: "", name: "base") }

    private func fleet(_ digit: String) -> Fleet {
        var fleet = PartValues.fleet()
        PartValues.apply(ReplicaTests.write([object(digit)], 9), to: &fleet)
        return fleet
    }

    private func wanted() -> NodeImages {
        var images = NodeImages()
        images.want("base", in: fleet("a"))
        return images
    }

    @Test("an image is fetched once, however often it is asked for")
    func once() {
        var images = wanted()
        var effects = Effects()
        for _ in 0..<2 { images.fetch(["base", "missing"], at: now, effects: &effects) }
        #expect(effects.list.count == 1)
        #expect(effects.changes.images == ["base"])
    }

    @Test("a fetch that failed is tried again after a while")
    func failed() throws {
        var images = wanted()
        var effects = Effects()
        images.fetch(["base"], at: now, effects: &effects)
        let order = try #require(images.order("base"))
        #expect(images.answered(order, .failed(message: "gone"), at: now, effects: &effects))
        #expect(images.failure(of: "base") == "gone")
        images.fetch(["base"], at: now, effects: &effects)
        #expect(effects.list.count == 1)
        #expect(images.retriesDue(at: now + 1) == [])
        let later = now + 600_000
        #expect(images.retriesDue(at: later) == ["base"])
        #expect(images.retriesDue(at: later) == [])
        images.fetch(["base"], at: later, effects: &effects)
        #expect(effects.list.count == 2)
    }

    @Test("an image that has changed is given up while it is fetched, and its answer is not taken any more")
    func changed() throws {
        var images = wanted()
        var effects = Effects()
        images.fetch(["base"], at: now, effects: &effects)
        let order = try #require(images.order("base"))
        let same = try #require(fleet("a")[key])
        #expect(!images.changed(same, effects: &effects))
        let other = try #require(fleet("b")[key])
        #expect(images.changed(other, effects: &effects))
        guard case .giveUp(order)? = effects.list.last else {
            Issue.record("not given up")
            return
        }
        #expect(!images.answered(order, .held(path: "/a", format: .raw, bytes: 1), at: now, effects: &effects))
        #expect(images.images.isEmpty)
    }

    @Test("images whose objects are gone are found")
    func gone() {
        var effects = Effects()
        var images = wanted()
        #expect(images.gone(from: fleet("a")) == [])
        #expect(images.gone(from: PartValues.fleet()) == ["base"])
        #expect(images.deleted("base", effects: &effects))
        #expect(!images.deleted("base", effects: &effects))
    }
}
