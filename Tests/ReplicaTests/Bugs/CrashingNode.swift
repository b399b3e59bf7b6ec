import Fleet
import Primitives
import Raft
import Replica
import Wire

/// A cluster of one, whose process ends at chosen points of its work and starts again from what its disk holds.
struct CrashingNode {
    /// Snapshots come often.
    static let policy = SnapshotPolicy(entries: 4, bytes: 1 << 30, trailingEntries: 1, trailingBytes: 1 << 30)
    private static let identity = Replica.Identity(id: NodeID(1), key: SmallCluster.key(1), clusterID: "cluster")

    private var disk: MemoryStorage
    private var replica: Replica
    private var pending: [ReplicaInput] = []
    private var answers: [Waiter: WriteResult] = [:]
    private var now = Instant(milliseconds: 1000)
    private var nextWaiter: UInt64 = 0
    private let crashPoints: Set<Int>
    /// How many points the work has passed.
    private(set) var point = 0
    private(set) var crashes = 0
    /// Every entry that was ever on the disk.
    private(set) var log: [Entry]
    /// States that were seen, by their index.
    private(set) var seen: [(index: UInt64, hash: UInt64)] = []
    /// How often a start began from a snapshot.
    private(set) var startsFromSnapshot = 0

    init(crashPoints: Set<Int>) {
        self.crashPoints = crashPoints
        let bootstrap = Bootstrap(
            clusterID: "cluster",
            member: Bootstrap.Founder(id: 1, name: nil, key: SmallCluster.key(1), addresses: ["h1:1"]),
            adminKey: SmallCluster.admin, adminName: "admin")
        let entry = Replica.foundingEntry(
            bootstrap, stamp: WallTime(milliseconds: 1), request: RequestID(high: 1, low: 1))
        disk = MemoryStorage(
            hardState: HardState(term: entry.term, vote: nil, commit: entry.index), snapshot: nil, entries: [entry])
        log = [entry]
        replica = Self.start(disk, seed: 0, now: now)
    }

    private static func start(_ disk: MemoryStorage, seed: Int, now: Instant) -> Replica {
        Replica(
            identity: identity, storage: disk, fleet: disk.snapshot.map { try! Fleet(snapshot: $0.data) } ?? Fleet(),
            seed: UInt64(seed), now: now, wall: WallTime(milliseconds: now.milliseconds), snapshotPolicy: policy)
    }

    var fleet: Fleet { replica.fleet }
    private(set) var stopped: [String] = []

    /// Asks until it is answered, however often the process ends meanwhile; always the same request.
    mutating func write(_ command: Command, request: RequestID) -> WriteResult? {
        var waiter: Waiter?
        var crashesBefore = crashes
        for _ in 0..<400 {
            if waiter == nil || crashes > crashesBefore {
                crashesBefore = crashes
                nextWaiter += 1
                waiter = Waiter(nextWaiter)
                pending.append(
                    .write(
                        Waiter(nextWaiter),
                        WriteSubmission(request: request, author: SmallCluster.admin, command: command)))
            }
            now = now + ReplicaTiming.tickMilliseconds
            pending.append(.tick)
            settle()
            guard let asked = waiter, let answer = answers[asked] else { continue }
            if case .failure(.noQuorum) = answer {
                waiter = nil
                continue
            }
            return answer
        }
        return nil
    }

    /// Lets the node apply everything that its log holds; half a minute at most.
    mutating func recover() {
        for _ in 0..<300 where replica.fleet.appliedIndex < disk.lastIndex.rawValue {
            now = now + ReplicaTiming.tickMilliseconds
            pending.append(.tick)
            settle()
        }
    }

    private mutating func settle() {
        while !pending.isEmpty {
            if crashesHere() { return }
            let effects = replica.step(
                pending.removeFirst(), now: now, wall: WallTime(milliseconds: now.milliseconds))
            see()
            for effect in effects {
                if crashesHere() { return }
                if !perform(effect) { return }
            }
        }
    }

    /// - Returns: False if the process ended while it was being performed.
    private mutating func perform(_ effect: ReplicaEffect) -> Bool {
        switch effect {
        case .append(let work):
            if let state = work.message.hardState { disk.setHardState(state) }
            disk.append(work.message.entries)
            for entry in work.message.entries {
                log.removeAll { $0.index >= entry.index }
                log.append(entry)
            }
            if crashesHere() { return false }
            pending.append(.appended(work.message))
        case .saveSnapshot(let order):
            let snapshot = Snapshot(metadata: order.metadata, data: order.fleet.encodeSnapshot())
            // Both can't fail: the state was applied from entries that are on the disk.
            try! disk.createSnapshot(
                at: snapshot.index, confState: snapshot.metadata.confState, data: snapshot.data)
            if crashesHere() { return false }
            let first = snapshot.index - Self.policy.trailingEntries
            if first > disk.compacted.index { try! disk.compact(to: first) }
            if crashesHere() { return false }
            pending.append(.snapshotSaved(snapshot))
        case .answer(let waiter, let result): answers[waiter] = result
        case .stop(let reason): stopped.append(reason)
        default: break
        }
        return true
    }

    private mutating func crashesHere() -> Bool {
        point += 1
        guard crashPoints.contains(point) else { return false }
        crashes += 1
        pending = []
        if disk.snapshot != nil { startsFromSnapshot += 1 }
        replica = Self.start(disk, seed: crashes, now: now)
        see()
        return true
    }

    private mutating func see() { seen.append((replica.fleet.appliedIndex, replica.fleet.stateHash)) }
}
