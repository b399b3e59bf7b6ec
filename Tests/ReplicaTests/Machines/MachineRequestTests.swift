import Fleet
import Hypervisor
import JSONText
import Manifest
import Primitives
import Raft
import Reconcile
import Replica
import Testing

/// What a node answers to each verb in each state of a machine, and what is true a while later.
@Suite("Starts, restarts and stops by hand")
struct MachineRequestTests {
    /// One row: a state, the run strategies to which the row applies, and for `vm start`, `vm restart` and `vm stop`
    /// the answer, what the machine is in the end, and how many processes were started for it.
    struct Row: CustomTestStringConvertible, Sendable {
        var state: String
        var strategies: [String]
        var start: String
        var restart: String
        var stop: String

        var testDescription: String { "\(state) under \(strategies.joined(separator: ", "))" }
    }

    static let rows = """
        never-started | Manual              | starting, runs, 1     | starting, runs, 1   | off, 0
        running       | A R O M             | runsAlready, runs, 0  | restarting, runs, 1 | off, 0
        guest-off     | A                   | runsAlready, runs, 0  | restarting, runs, 1 | off, 0
        guest-off     | R O M               | starting, runs, 1     | starting, runs, 1   | off, 0
        crashed       | A R                 | runsAlready, runs, 0  | restarting, runs, 1 | off, 0
        crashed       | O M                 | starting, runs, 1     | starting, runs, 1   | off, 0
        back-off      | A R                 | starting, runs, 1     | starting, runs, 1   | off, 0
        host-lost     | A R                 | runsAlready, runs, 0  | restarting, runs, 1 | off, 0
        host-lost     | O M                 | starting, runs, 1     | starting, runs, 1   | off, 0
        panicked      | A R O M             | refused, panicked, 0  | restarting, runs, 1 | off, 0
        paused        | A R O               | runsAlready, runs, 0  | restarting, runs, 1 | off, 0
        paused        | M                   | starting, runs, 0     | restarting, runs, 1 | off, 0
        suspended     | M                   | starting, runs, 0     | restarting, runs, 1 | off, 0
        disk-failed   | A R O M             | starting, runs, 0     | restarting, runs, 1 | off, 0
        silent        | A R O M             | refused, silent, 0    | restarting, runs, 1 | off, 0
        occupied      | A R O M             | refused, occupied, 0  | refused, occupied, 0 | occupied, 0
        stopped       | A R O M             | refused, off, 0       | refused, off, 0     | off, 0
        deleted       | A R O M             | refused, deleted, 0   | refused, deleted, 0 | deleted, 0
        """.split(separator: "\n").map { line in
            let cells = line.split(separator: "|").map { cell in
                String(cell.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            }
            let words = ["A": "Always", "R": "RerunOnFailure", "O": "Once", "M": "Manual"]
            return Row(
                state: cells[0], strategies: cells[1].split(separator: " ").map { words[String($0)] ?? String($0) },
                start: cells[2], restart: cells[3], stop: cells[4])
        }

    /// One node with one machine.
    struct World {
        var cluster = SmallCluster(size: 1)
        let node = NodeID(1)
        let strategy: String
        var uid: UID
        private var writes: UInt64 = 0

        init(strategy: String) throws {
            self.strategy = strategy
            uid = UID(high: 0, low: 0)
            try write(stopped: false)
            uid = try #require(fleet[ReplicaTests.key("web")]).uid
            settle()
        }

        var fleet: Fleet { cluster.nodes[node]!.replica.fleet }
        var machines: SimulatedMachines { cluster.nodes[node]!.machines }
        var starts: UInt64 { machines.machines[uid]?.starts ?? 0 }
        var status: VirtualMachineStatus? {
            fleet[ReplicaTests.key("web")].flatMap { try? VirtualMachineStatus(canonical: $0.status) }
        }

        mutating func write(stopped: Bool) throws { _ = try write(["stopped": .bool(stopped)]) }

        /// Applies a spec that differs in some fields from the one that a world begins with.
        mutating func write(
            _ changes: JSON, labels: [String: String] = [:], precondition: Precondition = .none,
            requiredNode: String? = nil
        ) throws -> Bool {
            var spec: JSON = [
                "runStrategy": .string(strategy), "terminationGracePeriodSeconds": 0,
            ]
            for member in changes.object?.members ?? [] { spec[member.key] = member.value }
            let normal = try VirtualMachineSpec(json: spec).normalForm
            return write(
                .put(
                    Put(
                        key: ReplicaTests.key("web"), labels: labels, annotations: [:], spec: normal.canonicalBytes,
                        precondition: precondition, requiredNode: requiredNode)))
        }

        /// Whether it is accepted.
        mutating func write(_ mutation: Mutation) -> Bool {
            writes += 1
            return isAccepted(cluster.write(ReplicaTests.write([mutation], writes)))
        }

        func isAccepted(_ result: WriteResult?) -> Bool {
            guard case .success(let outcome)? = result else { return false }
            if case .refused = outcome { return false }
            return true
        }

        mutating func settle() { for _ in 0..<20 { cluster.tick() } }

        mutating func disturb(_ body: (inout SimulatedMachines, UID, Instant) -> Void) {
            body(&cluster.nodes[node]!.machines, uid, cluster.now)
            cluster.input(.machineChanged(uid), at: node)
            cluster.settle()
        }

        /// What the verb's command does; nil while there is no answer.
        mutating func ask(_ request: MachineRequest) -> RequestVerdict? {
            let waiter = cluster.ask(request, of: uid, at: node)
            return cluster.verdicts[waiter] ?? nil
        }

        mutating func bring(to state: String) throws {
            if state != "never-started", strategy == "Manual" {
                _ = ask(.start)
                settle()
            }
            switch state {
            case "never-started", "running": break
            case "guest-off": disturb { $0.powerOff($1, now: $2) }
            case "crashed": disturb { $0.crash($1, message: "killed", now: $2) }
            case "host-lost": disturb { machines, _, _ in machines.loseHost() }
            case "panicked": disturb { $0.panic($1, now: $2) }
            case "paused": disturb { $0.pause($1, now: $2) }
            case "suspended": disturb { $0.suspend($1, now: $2) }
            case "disk-failed": disturb { $0.failDisk($1, message: "no space", now: $2) }
            case "silent": disturb { $0.hang($1, now: $2) }
            case "occupied": disturb { $0.occupy($1, now: $2) }
            case "stopped": try write(stopped: true)
            case "deleted":
                // The process holds on, so that the deletion stays under way.
                disturb { $0.occupy($1, now: $2) }
                let delete = Delete(
                    key: ReplicaTests.key("web"), uid: nil, resourceVersion: nil, graceSeconds: nil,
                    ignoreMissing: false)
                _ = cluster.write(ReplicaTests.write([.delete(delete)], 99))
            case "back-off":
                for _ in 0..<5 {
                    disturb { $0.crash($1, message: "killed", now: $2) }
                    cluster.tick()
                }
                #expect(status?.phase == .crashLoopBackOff)
                return
            default: Issue.record("no state \(state)")
            }
            settle()
        }

        var end: String {
            switch machines.observe(uid, now: cluster.now).state {
            case .running: "runs"
            case .absent, .stopped: "off"
            case .panicked: "panicked"
            case .unresponsive: "silent"
            case .foreign: fleet[ReplicaTests.key("web")]?.deletion == nil ? "occupied" : "deleted"
            case let other: "\(other)"
            }
        }
    }

    @Test("A start or restart does what it answers, whatever the strategy and the state", arguments: rows)
    func table(row: Row) throws {
        for strategy in row.strategies {
            for request in MachineRequest.allCases {
                var world = try World(strategy: strategy)
                try world.bring(to: row.state)
                let before = world.starts
                let given = world.ask(request)
                let answer = try #require(given)
                world.settle()
                var word = "\(answer)"
                if case .refused(let why) = answer {
                    word = "refused"
                    #expect(why.contains("web"))
                }
                let found = "\(word), \(world.end), \(world.starts - before)"
                #expect(found == (request == .start ? row.start : row.restart), "\(request) under \(strategy)")
                // What was done is over: it does not come back when the machine ends the next time.
                if world.end == "runs", strategy == "Once" || strategy == "Manual" {
                    world.disturb { $0.crash($1, message: "killed", now: $2) }
                    world.settle()
                    #expect(world.end == "off", "\(request) under \(strategy)")
                }
            }
            guard row.state != "deleted" else { continue }
            var world = try World(strategy: strategy)
            try world.bring(to: row.state)
            let before = world.starts
            try world.write(stopped: true)
            world.settle()
            #expect("\(world.end), \(world.starts - before)" == row.stop, "stop under \(strategy)")
        }
    }

    @Test(
        "A machine that is stopped by hand is off, says so, and its strategy or a request starts it again",
        arguments: ["Always", "RerunOnFailure", "Once", "Manual"])
    func stopAndStart(strategy: String) throws {
        var world = try World(strategy: strategy)
        try world.bring(to: "running")
        try world.write(stopped: true)
        world.settle()
        #expect(world.status?.phase == .stopped && world.status?.message == "it is stopped by hand")
        try world.write(stopped: false)
        world.settle()
        #expect(world.end == (["Always", "RerunOnFailure"].contains(strategy) ? "runs" : "off"))
        _ = world.ask(.start)
        world.settle()
        #expect(world.end == "runs" && world.status?.phase == .running)
        #expect(
            try VirtualMachineSpec(canonical: world.fleet[ReplicaTests.key("web")]!.spec).runStrategy.rawValue
                == strategy)
    }

    @Test(
        "A start that is asked for while the process is still being ended follows the end",
        arguments: ["Always", "RerunOnFailure", "Once", "Manual"], MachineRequest.allCases)
    func startWhileStopping(strategy: String, request: MachineRequest) throws {
        var world = try World(strategy: strategy)
        try world.bring(to: "running")
        world.cluster.holdsWork = true
        try world.write(stopped: true)
        world.cluster.run { !$0.heldWork.isEmpty }
        try world.write(stopped: false)
        let answer = world.ask(request)
        #expect(answer == (request == .start ? .starting : .restarting))
        world.settle()
        world.cluster.holdsWork = false
        world.disturb { machines, uid, now in _ = try? machines.stop(uid, graceMilliseconds: 0, now: now) }
        world.cluster.input(
            .machineDone(world.uid, nil, world.machines.observe(world.uid, now: world.cluster.now)), at: world.node)
        let before = world.starts
        world.settle()
        #expect(world.end == "runs" && world.starts == before + 1)
    }

    @Test("A requested start that fails for now is tried again; one that only a change mends is over, with its reason")
    func failures() throws {
        var world = try World(strategy: "Manual")
        try world.bring(to: "crashed")
        let portInUse = MachineFailure.retryable(.portInUse, message: "8080 is in use")
        world.disturb { machines, uid, _ in machines.failNextStart(uid, with: portInUse) }
        let answer = world.ask(.start)
        #expect(answer == .starting)
        #expect(world.status?.phase == .crashLoopBackOff && world.status?.message?.contains("8080") == true)
        world.settle()
        #expect(world.end == "runs")
        world.disturb { $0.crash($1, message: "killed", now: $2) }
        world.disturb { machines, uid, _ in
            machines.failNextStart(uid, with: .permanent(.badConfiguration, message: "no such machine type"))
        }
        _ = world.ask(.start)
        world.settle()
        #expect(world.end == "off" && world.status?.phase == .stopped)
        #expect(world.status?.conditions["Ready"]?.reason == "BadConfiguration")
        #expect(world.status?.message == "no such machine type")
    }

    @Test("The events of a restart stand in the order of what happened")
    func events() throws {
        var world = try World(strategy: "Always")
        world.settle()
        let answer = world.ask(.restart)
        #expect(answer == .restarting)
        world.settle()
        let events = world.fleet.events(for: ReplicaTests.key("web")).suffix(2)
        #expect(events.map(\.reason) == ["Stopped", "Started"])
        #expect(events.allSatisfy { $0.message.hasSuffix("a restart was requested") })
    }

    @Test(
        "A request is answered when it is recorded, and an agent that ends before it acts takes it up again",
        arguments: MachineRequest.allCases, ["crashed", "running"])
    func recalled(request: MachineRequest, state: String) throws {
        guard request == .restart || state == "crashed" else { return }
        for strategy in ["Once", "Manual"] {
            var world = try World(strategy: strategy)
            try world.bring(to: state)
            let before = world.starts
            // The driver does nothing of what it is asked for until the agent ends.
            world.cluster.holdsWork = true
            #expect(world.ask(request) == (state == "running" ? .restarting : .starting))
            #expect(world.status?.request?.verb == request.rawValue)
            world.cluster.heldWork = []
            world.cluster.restart(1)
            world.cluster.holdsWork = false
            world.settle()
            #expect(world.end == "runs" && world.starts == before + 1, "\(strategy)")
            #expect(world.status?.request == nil)
            // What was served is not served once more by a later run.
            world.cluster.restart(1)
            world.settle()
            #expect(world.end == "runs" && world.starts == before + 1, "\(strategy)")
        }
    }

    @Test(
        "A request that was served just before the agent ended is not served once more", arguments: ["Once", "Manual"])
    func servedBeforeTheEnd(strategy: String) throws {
        var world = try World(strategy: strategy)
        try world.bring(to: "crashed")
        world.cluster.holdsWork = true
        _ = world.ask(.start)
        let held = try #require(world.cluster.heldWork.first)
        guard case .start(let spec) = held.work else {
            Issue.record("\(held.work)")
            return
        }
        // It has run and ended, and nobody was told.
        world.cluster.tick()
        _ = try world.cluster.nodes[world.node]!.machines.start(
            spec, now: world.cluster.now, wallTime: world.cluster.wall)
        world.cluster.nodes[world.node]!.machines.powerOff(world.uid, now: world.cluster.now)
        let starts = world.starts
        world.cluster.heldWork = []
        world.cluster.holdsWork = false
        world.cluster.restart(1)
        world.settle()
        #expect(world.end == "off" && world.starts == starts && world.status?.request == nil)
    }

    @Test("A request that can't be recorded is answered so, and done all the same when the log goes on")
    func notRecorded() throws {
        var world = try World(strategy: "Manual")
        try world.bring(to: "crashed")
        world.cluster.holdsWork = true
        world.cluster.stalledDisks.insert(world.node)
        let waiter = world.cluster.ask(.start, of: world.uid, at: world.node)
        #expect(world.cluster.verdicts[waiter] == nil)
        world.cluster.run { $0.verdicts[waiter] != nil }
        #expect(world.cluster.verdicts[waiter] == .some(.notRecorded))
        #expect(!world.cluster.heldWork.isEmpty)
    }

    @Test("The process of a guest that switched itself off ends, and Ready says why", arguments: ["Once", "Manual"])
    func poweredOff(strategy: String) throws {
        var world = try World(strategy: strategy)
        try world.bring(to: "guest-off")
        #expect(world.end == "off" && !world.machines.observe(world.uid, now: world.cluster.now).state.mayHaveProcess)
        #expect(world.status?.phase == .stopped && world.status?.pid == nil)
        #expect(world.status?.conditions["Ready"]?.reason == "PoweredOff")
        #expect(world.status?.lastStartedAt != nil)
    }
}
