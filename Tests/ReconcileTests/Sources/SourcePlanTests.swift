import Fleet
import JSONText
import Manifest
import Primitives
import Reconcile
import Testing

/// A leader's steps for one repository, each done as the leader would do it.
private struct Follower {
    var cluster = OneNodeFleet(room: NodeResources(cpus: 8, memoryBytes: 8 << 30))
    var memory: SourceMemory
    var now = Instant(milliseconds: 1000)
    var generator = SeededGenerator(seed: 1)
    /// Of what was reported, newest last.
    var events: [EventDraft] = []
    /// Entries of the log that following has made.
    var entries = 0
    static let key = KindInfo.gitRepository.key(namespace: "", name: "infra")
    static let wall = WallTime(milliseconds: 1_700_000_000_000)

    init(_ spec: JSON = ["url": "/srv/infra"]) {
        cluster.put([(Self.key, spec)])
        memory = SourceMemory(of: cluster.fleet[Self.key]!, at: now)
    }

    var fleet: Fleet { cluster.fleet }
    var status: GitRepositoryStatus { try! GitRepositoryStatus(canonical: fleet[Self.key]!.status) }
    var step: SourceStep { planSource(memory, of: fleet[Self.key]!, in: fleet, now: now, wall: Self.wall) }

    mutating func change(_ spec: JSON) {
        cluster.put([(Self.key, spec)])
        memory.follow(fleet[Self.key]!, at: now)
    }

    /// A new leader knows nothing.
    mutating func forgetAll() { memory = SourceMemory(of: fleet[Self.key]!, at: now) }

    /// Begins the fetch that is due.
    mutating func begin() -> SourceOrder? {
        guard case .fetch(let location) = step else { return nil }
        return memory.begin(location, number: generator.next(), at: now)
    }

    mutating func answer(_ order: SourceOrder, _ answer: SourceAnswer) {
        memory.answered(order, answer, at: now, generator: &generator)
    }

    /// Waits for the fetch that is due next, answers it, and does what follows.
    mutating func fetch(_ answer: SourceAnswer) {
        now = max(now, memory.dueAt)
        guard let order = begin() else {
            Issue.record("nothing is fetched: \(step)")
            return
        }
        self.answer(order, answer)
        settle()
    }

    mutating func settle() {
        for _ in 0..<20 {
            switch step {
            case .wait, .fetch: return
            case .find(let result): memory.judged(result, at: now)
            case .forget(let finding): memory.told(finding)
            case .apply(let change, let healing):
                entries += 1
                let request = RequestID(high: 9, low: fleet.appliedIndex)
                cluster.apply(.write(WriteCommand(request: request, baseRevision: fleet.revision, change: change)))
                let revision = fleet.manifestSet(named: change.set!.name)!.lastRevision
                memory.judged(
                    healing.isEmpty ? .applied(revision: revision) : .healed(healing, revision: revision), at: now)
                if let object = fleet[Self.key] { memory.follow(object, at: now) }
            case .report(let report, let finding):
                entries += 1
                events += report.events
                cluster.apply(.sourceReport(report))
                memory.told(finding)
            }
        }
        Issue.record("it does not settle: \(step)")
    }

    static func commit(_ number: Int) -> String { String(repeating: "\(number)", count: 40) }

    static func content(_ number: Int, _ specs: [(key: ObjectKey, spec: JSON)]) -> SourceAnswer {
        .content(
            SourceContent(
                commit: commit(number), author: "alice", subject: "change \(number)",
                mutations: specs.map { key, spec in
                    .put(
                        Put(
                            key: key, labels: [:], annotations: [:], spec: spec.canonicalBytes, precondition: .none,
                            requiredNode: nil))
                }))
    }

    static func machines(_ number: Int, _ names: String..., vcpus: Int64 = 1) -> SourceAnswer {
        content(number, names.map { (OneNodeFleet.machine($0), ["vcpus": .integer(vcpus)]) })
    }
}

@Suite("Plans of Git repositories")
struct SourcePlanTests {
    private let web = OneNodeFleet.machine("web")

    private func vcpus(_ count: Int64) -> JSON { ["vcpus": .integer(count)] }

    @Test("a new repository is fetched at once, applied as a set of its name, and said so")
    func first() {
        var follower = Follower()
        follower.fetch(Follower.machines(1, "web"))
        let record = follower.fleet.manifestSet(named: "infra")
        #expect(record?.newest?.commit == Follower.commit(1))
        #expect(record?.newest?.message == "alice: change 1")
        #expect(record?.newest?.author == OneNodeFleet.admin)
        let status = follower.status
        #expect(status.observedGeneration == 1 && status.appliedRevision == 1)
        #expect(status.lastSeenCommit == Follower.commit(1) && status.lastAppliedCommit == Follower.commit(1))
        #expect(status.lastFetchedAt == Follower.wall)
        #expect(status.conditions.map(\.type) == ["Ready"])
        #expect(status.conditions["Ready"]?.status == .true)
        #expect(follower.events.map(\.reason) == ["Applied"])
        #expect(follower.step == .wait(until: follower.now + 60_000))
    }

    @Test("a fetch that finds the same commit in force writes nothing")
    func idle() {
        var follower = Follower()
        follower.fetch(Follower.machines(1, "web"))
        let (entries, revision) = (follower.entries, follower.fleet.revision)
        for _ in 0..<5 { follower.fetch(.same) }
        // A new leader asks for the documents once more.
        follower.forgetAll()
        follower.fetch(Follower.machines(1, "web"))
        #expect(follower.entries == entries && follower.fleet.revision == revision)
    }

    @Test("a commit that changes no manifest makes no revision, and is the one in force")
    func unchanged() {
        var follower = Follower()
        follower.fetch(Follower.machines(1, "web"))
        follower.fetch(Follower.machines(2, "web"))
        #expect(follower.fleet.manifestSet(named: "infra")?.lastRevision == 1)
        #expect(follower.status.lastAppliedCommit == Follower.commit(2))
        let entries = follower.entries
        follower.fetch(.same)
        #expect(follower.entries == entries)
    }

    @Test("a leader that is lost between the write and the report leaves one revision")
    func lostLeader() {
        var follower = Follower()
        follower.answer(follower.begin()!, Follower.machines(1, "web"))
        guard case .apply(let change, _) = follower.step else {
            Issue.record("\(follower.step)")
            return
        }
        follower.cluster.apply(
            .write(WriteCommand(request: RequestID(high: 3, low: 3), baseRevision: 1, change: change)))
        follower.forgetAll()
        follower.fetch(Follower.machines(1, "web"))
        #expect(follower.fleet.manifestSet(named: "infra")?.lastRevision == 1)
        #expect(follower.events.map(\.reason) == ["Applied"])
        #expect(follower.status.lastAppliedCommit == Follower.commit(1))
    }

    @Test("two leaders that both want to apply a commit apply it once")
    func twoLeaders() {
        var follower = Follower()
        follower.answer(follower.begin()!, Follower.machines(1, "web"))
        guard case .apply(let change, _) = follower.step else { return }
        #expect(change.set?.expectedRevision == 0)
        for number in 1...2 as ClosedRange<UInt64> {
            follower.cluster.apply(
                .write(WriteCommand(request: RequestID(high: 3, low: number), baseRevision: 1, change: change)))
        }
        #expect(follower.fleet.manifestSet(named: "infra")?.lastRevision == 1)
    }

    @Test("what others change is healed with the next fetch, and said once")
    func heals() {
        var follower = Follower()
        follower.fetch(Follower.machines(1, "web", "db"))
        follower.cluster.put([(web, ["vcpus": 4])])
        follower.fetch(.same)
        #expect(follower.fleet[web]?.spec == vcpus(1).canonicalBytes)
        #expect(follower.fleet.manifestSet(named: "infra")?.lastRevision == 1)
        #expect(follower.events.map(\.reason) == ["Applied", "Healed"])
        #expect(follower.events.last?.message.contains("VirtualMachine default/web") == true)
        let entries = follower.entries
        follower.fetch(.same)
        #expect(follower.entries == entries)
    }

    @Test("what others delete comes back")
    func healsDeletion() {
        var follower = Follower()
        follower.fetch(Follower.machines(1, "web", "db"))
        follower.cluster.delete([web])
        #expect(follower.fleet[web] == nil)
        follower.fetch(.same)
        #expect(follower.fleet[web] != nil)
        #expect(follower.fleet.manifestSet(of: web) == "infra")
    }

    @Test("with drift: warn it is only said, with ten names at most, until it is mended")
    func warns() {
        var follower = Follower(["url": "/srv/infra", "drift": "warn"])
        let names = (10...22).map { "vm-\($0)" }
        let specs = names.map { (key: OneNodeFleet.machine($0), spec: vcpus(1)) }
        follower.fetch(Follower.content(1, specs))
        follower.cluster.put(names.map { (OneNodeFleet.machine($0), ["vcpus": 2]) })
        follower.fetch(.same)
        let drifted = follower.status.conditions["Drifted"]
        #expect(drifted?.status == .true)
        #expect(drifted?.message.hasSuffix("VirtualMachine default/vm-19 and 3 more") == true)
        #expect(follower.status.conditions["Ready"]?.status == .true)
        #expect(follower.events.map(\.reason) == ["Applied", "Drifted"])
        let entries = follower.entries
        follower.fetch(.same)
        #expect(follower.entries == entries)
        follower.cluster.put(specs)
        follower.fetch(.same)
        #expect(follower.status.conditions["Drifted"]?.status == .false)
        // A new commit is applied all the same.
        follower.cluster.put([(OneNodeFleet.machine("vm-10"), ["vcpus": 2])])
        follower.fetch(Follower.content(2, specs.map { ($0.key, ["vcpus": 3]) }))
        #expect(follower.status.lastAppliedCommit == Follower.commit(2))
    }

    @Test("a revision that others brought back is drift")
    func rollback() {
        var follower = Follower()
        follower.fetch(Follower.machines(1, "web"))
        follower.fetch(Follower.machines(2, "web", vcpus: 2))
        follower.cluster.apply(
            .write(
                WriteCommand(
                    request: RequestID(high: 4, low: 4), baseRevision: follower.fleet.revision,
                    change: DesiredChange(
                        [.put(Put(web, ["vcpus": 1]))], set: SetApplication(name: "infra", commit: "by hand")))))
        follower.fetch(.same)
        #expect(follower.fleet[web]?.spec == vcpus(2).canonicalBytes)
        #expect(follower.fleet.manifestSet(named: "infra")?.lastRevision == 4)
        #expect(follower.events.last?.reason == "Healed")
    }

    @Test("a commit that can't be read leaves the last good one in force, and is said once")
    func badCommit() {
        var follower = Follower()
        follower.fetch(Follower.machines(1, "web"))
        let failure = SourceFailure(reason: .badCommit, commit: Follower.commit(2), message: "a.yaml:3: no \u{1b}")
        follower.fetch(.failed(failure))
        let status = follower.status
        #expect(status.lastSeenCommit == Follower.commit(2) && status.lastAppliedCommit == Follower.commit(1))
        #expect(status.conditions["Ready"]?.reason == "BadCommit")
        #expect(status.conditions["Ready"]?.message == "a.yaml:3: no \\u{1b}")
        #expect(follower.events.last?.type == .warning)
        let entries = follower.entries
        follower.fetch(.failed(failure))
        #expect(follower.entries == entries)
        #expect(follower.fleet[web] != nil)
        follower.fetch(Follower.machines(3, "web"))
        #expect(follower.status.conditions["Ready"]?.status == .true)
    }

    @Test("a fetch that fails is tried again later and later, at most ten minutes apart")
    func backoff() {
        var follower = Follower()
        let failure = SourceAnswer.failed(SourceFailure(reason: .fetchFailed, commit: nil, message: "no route"))
        var pauses: [Int64] = []
        for _ in 0..<8 {
            follower.fetch(failure)
            pauses.append(follower.memory.dueAt - follower.now)
        }
        for (number, pause) in pauses.enumerated() {
            let full = min(Int64(600_000), Int64(60_000) << Int64(min(number, 10)))
            #expect((full / 2...full).contains(pause), "pause \(number): \(pause)")
        }
        #expect(Set(pauses.suffix(3)).count > 1)
        #expect(follower.entries == 1)
        follower.fetch(Follower.machines(1, "web"))
        #expect(follower.memory.dueAt - follower.now == 60_000)
    }

    @Test("what the fleet would refuse is not proposed, and is said once")
    func refused() {
        var follower = Follower(["url": "/srv/infra", "prune": true])
        follower.fetch(Follower.machines(1, "a", "b", "c"))
        follower.fetch(Follower.machines(2, "a"))
        let ready = follower.status.conditions["Ready"]
        #expect(ready?.reason == "Refused" && ready?.message.contains("would be deleted") == true)
        #expect(follower.status.lastAppliedCommit == Follower.commit(1))
        #expect(follower.fleet.members(ofSet: "infra").count == 3)
        let (entries, index) = (follower.entries, follower.fleet.appliedIndex)
        follower.fetch(.same)
        #expect(follower.entries == entries && follower.fleet.appliedIndex == index)
        follower.fetch(Follower.machines(3, "a", "b"))
        #expect(follower.fleet.members(ofSet: "infra").count == 2)
        #expect(follower.events.map(\.reason) == ["Applied", "Refused", "Applied"])
    }

    @Test("what is being deleted is waited for")
    func waits() {
        var follower = Follower()
        follower.fetch(Follower.machines(1, "web"))
        follower.cluster.bind([web])
        follower.cluster.delete([web])
        follower.fetch(.same)
        #expect(follower.status.conditions["Ready"]?.reason == "WaitsForDeletion")
        #expect(follower.memory.dueAt - follower.now == SourceTiming.deletionMilliseconds)
    }

    @Test("a suspended repository is neither fetched nor applied, and one that goes on is fetched at once")
    func suspended() {
        var follower = Follower()
        let order = follower.begin()!
        follower.change(["url": "/srv/infra", "suspend": true])
        follower.answer(order, Follower.machines(1, "web"))
        #expect(follower.step == .wait(until: nil))
        #expect(follower.fleet[web] == nil)
        follower.change(["url": "/srv/infra"])
        follower.fetch(Follower.machines(1, "web"))
        #expect(follower.fleet[web] != nil)
    }

    @Test("the answer to an older spec is not used, and the newer one is fetched at once")
    func olderSpec() {
        var follower = Follower()
        let order = follower.begin()!
        follower.change(["url": "/srv/infra", "path": "prod"])
        #expect(follower.begin() == nil, "one fetch at a time")
        follower.answer(order, Follower.machines(1, "web"))
        #expect(follower.fleet[web] == nil)
        let next = follower.begin()
        #expect(next?.location.path == "prod" && next?.generation == 2 && next?.knownCommit == nil)
    }

    @Test("a fetch that is not answered in time has failed, and its late answer is passed over")
    func late() {
        var follower = Follower()
        let order = follower.begin()!
        follower.now = follower.now + SourceTiming.fetchMilliseconds
        follower.memory.late(at: follower.now, generator: &follower.generator)
        follower.settle()
        #expect(follower.status.conditions["Ready"]?.reason == "FetchFailed")
        follower.answer(order, Follower.machines(1, "web"))
        follower.settle()
        #expect(follower.fleet[web] == nil)
    }

    @Test("a request is served by a fetch that begins after it, and shown in the status")
    func wanted() {
        var follower = Follower()
        follower.fetch(Follower.machines(1, "web"))
        let first = RequestID(high: 5, low: 1)
        #expect(follower.memory.want(first, at: follower.now) == first)
        #expect(follower.memory.want(RequestID(high: 5, low: 2), at: follower.now) == first)
        let order = follower.begin()!
        let second = RequestID(high: 5, low: 3)
        #expect(follower.memory.want(second, at: follower.now) == second)
        follower.answer(order, .same)
        follower.settle()
        #expect(follower.status.lastHandledRequest == first.description)
        follower.fetch(.same)
        #expect(follower.status.lastHandledRequest == second.description)
    }

    @Test("a repository may hold its own GitRepository, the ManifestSet that names the set, and nodes")
    func holdsItself() {
        var follower = Follower()
        let set = KindInfo.manifestSet.key(namespace: "", name: "prod")
        let node = KindInfo.node.key(namespace: "", name: "node-1")
        let own: JSON = ["intervalSeconds": 30, "url": "/srv/infra"]
        follower.fetch(Follower.content(1, [(Follower.key, own), (set, ["prune": true]), (node, [:]), (web, [:])]))
        #expect(follower.fleet.manifestSet(named: "prod")?.lastRevision == 1)
        #expect(follower.fleet.manifestSet(named: "infra") == nil)
        #expect(follower.fleet[Follower.key]?.generation == 2)
        // The newer spec is fetched at once, and finds everything in force.
        follower.fetch(.same)
        let status = follower.status
        #expect(status.observedGeneration == 2 && status.conditions["Ready"]?.status == .true)
        #expect(follower.memory.dueAt - follower.now == 30_000)
        let entries = follower.entries
        follower.fetch(.same)
        #expect(follower.entries == entries)
    }

    @Test("texts of a commit are harmless and bounded in the set's history")
    func message() {
        var follower = Follower()
        guard case .content(var content) = Follower.machines(1, "web") else { return }
        content.author = "a\u{1b}[31m" + String(repeating: "x", count: 5000)
        content.subject = "b\n" + String(repeating: "\u{1f600}", count: 5000)
        follower.fetch(.content(content))
        let message = follower.fleet.manifestSet(named: "infra")?.newest?.message ?? ""
        #expect(message.isHarmless && message.hasPrefix("a\\u{1b}[31mxxx") && message.utf8.count < 4096)
    }

    @Test("a spec that is not understood is left alone")
    func notUnderstood() {
        let follower = Follower(["url": "/srv/infra", "fromTomorrow": 1])
        #expect(follower.step == .wait(until: nil))
    }
}

extension Put {
    fileprivate init(_ key: ObjectKey, _ spec: JSON) {
        self.init(
            key: key, labels: [:], annotations: [:], spec: spec.canonicalBytes, precondition: .none, requiredNode: nil)
    }
}
