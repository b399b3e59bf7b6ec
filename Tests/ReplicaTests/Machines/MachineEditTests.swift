import ArgumentParser
import Fleet
import Hypervisor
import JSONText
import Manifest
import Primitives
import Reconcile
import Replica
import Testing

@testable import Commands

/// What each verb that changes desired state makes of a machine, whatever its strategy and its state.
@Suite("Verbs that edit desired state")
struct MachineEditTests {
    /// A verb as the command line says it, with what it edits where that makes a difference.
    enum Verb: String, CaseIterable, Sendable {
        case cordon
        case uncordon
        case label
        case applyUnchanged = "apply"
        /// A field that a running machine follows.
        case applyLive = "apply, live field"
        /// A field that only a new process follows.
        case applyRestart = "apply, field of the next start"
        case applyMove = "apply, other node"
        case create = "vm create"
        case stop = "vm stop"
        case delete
        case deleteMachine = "vm delete"
        case removeMember = "cluster remove"

        /// The command's own words.
        var command: String { String(rawValue.prefix { $0 != "," }) }
    }

    /// What is true a while after the verb.
    enum Then: String, Sendable {
        /// The machine is as it would be without the verb.
        case same
        /// The same, and its process waits for a restart.
        case waits
        /// It runs in one new process.
        case starts
        /// It has no process.
        case off
        /// Machine, disks and object are gone.
        case gone
        /// It is being deleted, and the process that holds its directory stays.
        case held
        /// The write is refused, and nothing changes.
        case refused
    }

    static let all = "AROM"
    static let states = [
        "never-started": "M", "running": all, "guest-off": "ROM", "crashed": "OM", "back-off": "AR", "host-lost": "OM",
        "panicked": all, "paused": all, "suspended": all, "disk-failed": all, "silent": all, "occupied": all,
        "stopped": all, "deleted": all,
    ]

    /// For a verb, what is true in every state but those that are named.
    static let rows: [(verb: Verb, then: Then, but: [String: Then])] = [
        (.cordon, .same, [:]),
        (.uncordon, .same, [:]),
        (.label, .same, ["deleted": .refused]),
        (.applyUnchanged, .same, ["deleted": .refused]),
        (.applyLive, .same, ["back-off": .starts, "deleted": .refused]),
        (
            .applyRestart, .waits,
            [
                // Without a process there is none that waits.
                "never-started": .same, "guest-off": .same, "crashed": .same, "host-lost": .same, "stopped": .same,
                "back-off": .starts, "deleted": .refused,
            ]
        ),
        (.applyMove, .refused, [:]),
        // There is one of that name.
        (.create, .refused, [:]),
        (.stop, .off, ["occupied": .same, "deleted": .refused]),
        (.delete, .gone, ["occupied": .held, "deleted": .held]),
        (.deleteMachine, .gone, ["occupied": .held, "deleted": .held]),
        // The last member stays, and its machines with it.
        (.removeMember, .refused, [:]),
    ]

    @Test("every command that changes something of a machine or a node has its rows")
    func complete() {
        // Those that only read, that run something, or that concern keys and tickets.
        let others: Set<String> = [
            "get", "describe", "wait", "logs", "events", "diff", "validate", "explain", "api-resources", "version",
            "completion", "journal inspect", "journal verify", "config get-contexts",
            "config current-context", "config use-context", "vm list", "vm status", "vm logs", "cluster status", "up",
            "down", "node", "cluster init", "ticket create", "access list", "access grant", "access revoke",
            "cluster rotate-secrets-key", "reconcile", "auth whoami", "auth can-i", "export", "plan", "rollout history",
            "rollout show", "rollout diff",
        ]
        // They write a manifest whole, as apply does, or its labels and annotations, as label does.
        let alike: Set<String> = ["create", "replace", "edit", "patch", "annotate", "rollout undo"]
        let requests = Set(MachineRequest.allCases.map { "vm \($0.rawValue)" })
        let rows = Set(Self.rows.map(\.verb.command))
        var commands: Set<String> = []
        var open: [(any ParsableCommand.Type, [String])] = [(Blixard.self, [])]
        while let (command, path) = open.popLast() {
            for inner in command.configuration.subcommands { open.append((inner, path + [inner._commandName])) }
            if command is any ProgramCommand.Type { commands.insert(path.joined(separator: " ")) }
        }
        #expect(commands.subtracting(others).subtracting(requests).subtracting(alike) == rows)
        #expect(commands.isSuperset(of: others.union(alike)))
        #expect(Set(Self.rows.map(\.verb)) == Set(Verb.allCases))
        let states = Set(MachineRequestTests.rows.map(\.state))
        #expect(states == Set(Self.states.keys))
    }

    private typealias World = MachineRequestTests.World

    /// How a machine is a while later to which nothing is done.
    private static let untouched: [String: String] = {
        var standings: [String: String] = [:]
        for (state, strategies) in states {
            for strategy in strategies.compactMap({ words[$0] }) {
                // A state that can't be brought about fails the table itself.
                guard var world = try? World(strategy: strategy), (try? world.bring(to: state)) != nil else { continue }
                let before = world.starts
                world.settle()
                standings[state + strategy] = standing(world, before)
            }
        }
        return standings
    }()

    private static let words: [Character: String] = [
        "A": "Always", "R": "RerunOnFailure", "O": "Once", "M": "Manual",
    ]

    /// How a machine is, for comparing.
    private static func standing(_ world: World, _ before: UInt64) -> String {
        let object = world.fleet[ReplicaTests.key("web")]
        guard object != nil || world.machines.machines[world.uid] != nil else { return "gone" }
        let waits = world.status?.conditions["RestartRequired"]?.status == .true ? ", waits" : ""
        return "\(world.end), \(world.starts - before)\(waits)"
    }

    private func perform(_ verb: Verb, on world: inout World) throws -> Bool {
        let stopped: JSON = world.isStopped ? ["stopped": true] : [:]
        func edit(_ changes: JSON) -> JSON {
            var spec = stopped
            for member in changes.object?.members ?? [] { spec[member.key] = member.value }
            return spec
        }
        switch verb {
        case .cordon: return world.write(node: ["unschedulable": true])
        case .uncordon:
            _ = world.write(node: ["unschedulable": true])
            return world.write(node: [:])
        case .label: return try world.write(stopped, labels: ["tier": "front"])
        case .applyUnchanged: return try world.write(stopped)
        case .applyLive: return try world.write(edit(["terminationGracePeriodSeconds": 1]))
        case .applyRestart: return try world.write(edit(["memory": "256Mi"]))
        case .applyMove: return try world.write(edit(["nodeName": "node-9"]), requiredNode: "node-9")
        case .create: return try world.write(stopped, precondition: .absent)
        case .stop: return try world.write(["stopped": true])
        case .delete, .deleteMachine:
            return world.write(
                .delete(
                    Delete(
                        key: ReplicaTests.key("web"), uid: nil, resourceVersion: nil, graceSeconds: nil,
                        ignoreMissing: false)))
        case .removeMember: return world.isAccepted(world.cluster.write(.remove(id: 1, isForced: false)))
        }
    }

    @Test("a verb does what its row says in each state under each strategy", arguments: Verb.allCases)
    func table(verb: Verb) throws {
        let row = try #require(Self.rows.first { $0.verb == verb })
        for (state, strategies) in Self.states.sorted(by: { $0.key < $1.key }) {
            for strategy in strategies.compactMap({ Self.words[$0] }) {
                var world = try World(strategy: strategy)
                try world.bring(to: state)
                let before = world.starts
                let generation = world.fleet[ReplicaTests.key("web")]?.generation
                let isAccepted = try perform(verb, on: &world)
                world.settle()
                let then = row.but[state] ?? row.then
                let name = "\(verb.rawValue), \(state), \(strategy)"
                #expect(isAccepted == (then != .refused), "\(name)")
                let found = Self.standing(world, before)
                let same = try #require(Self.untouched[state + strategy])
                switch then {
                case .same: #expect(found == same, "\(name)")
                case .waits: #expect(found == same + ", waits", "\(name)")
                case .starts: #expect(found == "runs, 1", "\(name)")
                case .off: #expect(found == "off, 0", "\(name)")
                case .held: #expect(found == "deleted, 0", "\(name)")
                case .gone: #expect(found == "gone", "\(name)")
                case .refused:
                    #expect(found == same, "\(name)")
                    #expect(world.fleet[ReplicaTests.key("web")]?.generation == generation, "\(name)")
                }
                try checkRecord(of: verb, then, in: world, generation, name)
            }
        }
    }

    /// What desired state says after the verb.
    private func checkRecord(
        of verb: Verb, _ then: Then, in world: World, _ generation: UInt64?, _ name: String
    ) throws {
        guard then != .refused, then != .gone else { return }
        let object = try #require(world.fleet[ReplicaTests.key("web")])
        let node = try #require(world.fleet[ObjectKey(kind: "Node", namespace: "", name: "node-1")])
        switch verb {
        case .cordon: #expect(try NodeSpec(canonical: node.spec).unschedulable, "\(name)")
        case .uncordon: #expect(try !NodeSpec(canonical: node.spec).unschedulable, "\(name)")
        case .label: #expect(object.labels["tier"] == "front" && object.generation == generation, "\(name)")
        case .applyUnchanged: #expect(object.generation == generation, "\(name)")
        case .applyLive, .applyRestart:
            #expect(object.generation == (generation ?? 0) + 1, "\(name)")
            #expect(world.status?.observedGeneration == object.generation, "\(name)")
        case .stop: #expect(try VirtualMachineSpec(canonical: object.spec).isStopped, "\(name)")
        case .delete, .deleteMachine: #expect(object.deletion != nil, "\(name)")
        case .applyMove, .create, .removeMember: break
        }
    }
}

extension MachineRequestTests.World {
    fileprivate var isStopped: Bool {
        fleet[ReplicaTests.key("web")].flatMap { try? VirtualMachineSpec(canonical: $0.spec) }?.isStopped == true
    }

    fileprivate mutating func write(node spec: JSON) -> Bool {
        let key = ObjectKey(kind: "Node", namespace: "", name: "node-1")
        return write(
            .put(
                Put(
                    key: key, labels: [:], annotations: [:], spec: spec.canonicalBytes, precondition: .none,
                    requiredNode: nil)))
    }
}
