import Fleet
import Glibc
import Host
import Manifest
import Primitives
import Raft
import Replica
import Synchronization
import Testing

@testable import Agent

/// One node with a journal in memory that answers from a thread of its own, as the real one does.
final class HostedReplica: Sendable {
    struct Seen {
        var answers: [Waiter: WriteResult] = [:]
        var appends = 0
        var entries = 0
    }

    static let admin = PublicKey([UInt8](repeating: 200, count: 32))!

    let seen = Monitor(Seen())
    let host: ReplicaHost
    private let works = Monitor<(works: [AppendWork], isClosed: Bool)>(([], false))

    /// - Parameter starts: Whether the host runs at once.
    init(starts: Bool = true, limits: ReplicaInbox.Limits = .standard) throws {
        let key = try #require(PublicKey([UInt8](repeating: 1, count: 32)))
        let bootstrap = Bootstrap(
            clusterID: "cluster", member: Bootstrap.Founder(id: 1, name: nil, key: key, addresses: ["h:1"]),
            adminKey: HostedReplica.admin, adminName: "admin")
        let entry = Replica.foundingEntry(
            bootstrap, stamp: SystemClock.wallTime(), request: RequestID(high: 1, low: 1))
        let storage = MemoryStorage(
            hardState: HardState(term: entry.term, vote: nil, commit: entry.index), snapshot: nil, entries: [entry])
        let replica = Replica(
            identity: Replica.Identity(id: NodeID(1), key: key, clusterID: "cluster"), storage: storage,
            fleet: Fleet(), seed: 5, now: SystemClock.now(), wall: SystemClock.wallTime())
        host = ReplicaHost(replica, limits: limits)
        OwnThread.start(named: "test-journal") { [self] in complete() }
        if starts { start() }
    }

    func start() {
        host.start { [self] in perform($0) }
    }

    private func perform(_ effects: [ReplicaEffect]) {
        for effect in effects {
            switch effect {
            case .append(let work):
                host.appendBegins()
                works.change { $0.works.append(work) }
                seen.change { seen in
                    seen.appends += 1
                    seen.entries += work.message.entries.count
                }
            case .answer(let waiter, let result): seen.change { $0.answers[waiter] = result }
            default: break
            }
        }
    }

    private func complete() {
        while true {
            let group = works.wait { state -> Monitor<(works: [AppendWork], isClosed: Bool)>.Next<[AppendWork]?> in
                if state.works.isEmpty { return state.isClosed ? .done(nil) : .wait(until: nil) }
                defer { state.works = [] }
                return .done(state.works)
            }
            guard let group else { return }
            for (position, work) in group.enumerated() {
                if position == group.count - 1 {
                    host.post(.appended(work.message))
                } else {
                    host.queue(.appended(work.message))
                }
            }
        }
    }

    /// Returns the answers when there are so many.
    func answers(_ count: Int) -> [Waiter: WriteResult] {
        seen.wait { $0.answers.count >= count ? .done($0.answers) : .wait(until: nil) }
    }

    static func write(_ number: UInt64, name: String = "vm", specBytes: Int = 2) -> ReplicaInput {
        let spec = "{\"text\":\"" + String(repeating: "x", count: max(0, specBytes - 11)) + "\"}"
        let put = Put(
            key: ObjectKey(kind: "VirtualMachine", namespace: "default", name: name), labels: [:],
            annotations: ["number": "\(number)"], spec: specBytes <= 11 ? Array("{}".utf8) : Array(spec.utf8),
            precondition: .none, requiredNode: nil)
        let request = RequestID(high: 7, low: number)
        let command = Command.write(WriteCommand(request: request, baseRevision: 1, mutations: [.put(put)]))
        return .write(Waiter(number), WriteSubmission(request: request, author: admin, command: command))
    }

    /// By its ticks alone it becomes leader.
    func awaitLeadership() {
        while host.look({ $0.role != .leader || !$0.isCaughtUp }) { sched_yield() }
    }

    func stop() {
        host.close()
        works.change { $0.isClosed = true }
    }
}
