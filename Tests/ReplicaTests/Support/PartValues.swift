import Fleet
import JSONText
import Manifest
import Primitives
import Raft
import Wire

@testable import Replica

/// Values for tests that drive one part alone: node 1 of a cluster that it has founded.
enum PartValues {
    static let identity = Replica.Identity(id: NodeID(1), key: SmallCluster.key(1), clusterID: "cluster")
    static let now = Instant(milliseconds: 5000)
    static let moment = Moment(now: now, wall: WallTime(milliseconds: 1_700_000_000_000))
    static let admin = SmallCluster.admin
    static let bootstrap = Bootstrap(
        clusterID: "cluster",
        member: Bootstrap.Founder(id: 1, name: nil, key: SmallCluster.key(1), addresses: ["h1:1"]), adminKey: admin,
        adminName: "admin")
    static let foundingEntry = Replica.foundingEntry(
        bootstrap, stamp: moment.wall, request: RequestID(high: 1, low: 1))

    /// The state of a cluster of one, with these machines; those named as bound are bound to its node.
    static func fleet(_ machines: [String] = [], bound: [String] = []) -> Fleet {
        var fleet = Fleet()
        apply(.bootstrap(bootstrap), to: &fleet)
        if !machines.isEmpty {
            apply(ReplicaTests.write(machines.map { ReplicaTests.put($0) }, 1), to: &fleet)
        }
        for name in bound { bind(name, in: &fleet) }
        return fleet
    }

    static func apply(_ command: Command, to fleet: inout Fleet) {
        _ = fleet.apply(
            CommandEnvelope(stamp: moment.wall, author: admin, command: command), index: fleet.appliedIndex + 1)
    }

    private static func bind(_ name: String, in fleet: inout Fleet) {
        let key = ReplicaTests.key(name)
        guard let object = fleet[key] else { return }
        let binding = NewBinding(
            key: key, uid: object.uid, generation: object.generation, node: "node-1",
            allocationCounter: fleet.allocationCounter(of: "node-1"))
        apply(.place(PlacementBatch(bindings: [binding], notes: [], events: [])), to: &fleet)
    }

    /// Consensus of a node that has just started with the founding entry in its log.
    static func consensus() -> Consensus {
        Consensus(
            id: NodeID(1),
            storage: MemoryStorage(
                hardState: HardState(term: Term(1), vote: nil, commit: LogIndex(1)), snapshot: nil,
                entries: [foundingEntry]),
            applied: .zero, generator: SeededGenerator(seed: 3))
    }

    /// The same, once it leads alone and has committed the first entry of its term.
    static func leader() -> Consensus {
        var consensus = consensus()
        var effects = Effects()
        for _ in 0..<60 {
            consensus.tick()
            settle(&consensus, &effects)
        }
        return consensus
    }

    /// Does everything that the core wants done, with a journal that is durable at once; answers what was committed.
    @discardableResult
    static func settle(_ consensus: inout Consensus, _ effects: inout Effects) -> [Entry] {
        var committed: [Entry] = []
        while consensus.hasReady {
            let ready = consensus.ready()
            if let soft = ready.softState { _ = consensus.take(soft, effects: &effects) }
            for message in ready.messages {
                switch message.to {
                case .appendThread:
                    if let work = consensus.append(message, snapshotStateHash: nil, effects: &effects) {
                        consensus.complete(work, effects: &effects)
                    }
                    for case .append(let work) in effects.take() {
                        consensus.appended()
                        consensus.complete(work.message, effects: &effects)
                    }
                case .applyThread:
                    for entry in message.entries where entry.kind == .membership {
                        consensus.adoptMembership(of: entry, effects: &effects)
                    }
                    committed += message.entries
                    consensus.applied(message)
                default: consensus.send(message, effects: &effects)
                }
            }
        }
        return committed
    }
}

extension Effects {
    /// The messages among the effects, with their receivers.
    var sent: [(to: NodeID, message: PeerMessage)] {
        list.compactMap { effect in
            if case .send(let to, let message) = effect { (to, message) } else { nil }
        }
    }

    /// What is said for the log.
    var notices: [ReplicaNotice] {
        list.compactMap { effect in
            if case .notice(let notice) = effect { notice } else { nil }
        }
    }

    /// The work that drivers are asked for.
    var work: [MachineWork] {
        list.compactMap { effect in
            if case .perform(_, let work) = effect { work } else { nil }
        }
    }

    /// What writes are answered.
    var answers: [WriteResult] {
        list.compactMap { effect in
            if case .answer(_, let result) = effect { result } else { nil }
        }
    }
}
