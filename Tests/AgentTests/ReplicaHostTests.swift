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

@Suite("The replica's host")
struct ReplicaHostTests {
    /// One node with a journal in memory that answers from a thread of its own, as the real one does.
    private final class Node: Sendable {
        struct Seen {
            var answers: [Waiter: WriteResult] = [:]
            var appends = 0
            var entries = 0
        }

        let seen = Monitor(Seen())
        private let hosting = Late<ReplicaHost>()
        private let works = Monitor<(works: [AppendWork], isClosed: Bool)>(([], false))

        var host: ReplicaHost { hosting.value! }

        init() throws {
            let key = try #require(PublicKey([UInt8](repeating: 1, count: 32)))
            let bootstrap = Bootstrap(
                clusterID: "cluster", member: Bootstrap.Founder(id: 1, name: nil, key: key, addresses: ["h:1"]),
                adminKey: ReplicaHostTests.admin, adminName: "admin")
            let entry = Replica.foundingEntry(
                bootstrap, stamp: SystemClock.wallTime(), request: RequestID(high: 1, low: 1))
            let storage = MemoryStorage(
                hardState: HardState(term: entry.term, vote: nil, commit: entry.index), snapshot: nil, entries: [entry])
            let replica = Replica(
                identity: Replica.Identity(id: NodeID(1), key: key, clusterID: "cluster"), storage: storage,
                fleet: Fleet(), seed: 5, now: SystemClock.now(), wall: SystemClock.wallTime())
            hosting.fill(ReplicaHost(replica) { [self] in perform($0) })
            OwnThread.start(named: "test-journal") { [self] in complete() }
            host.start()
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

        func stop() {
            host.close()
            works.change { $0.isClosed = true }
        }
    }

    private static let admin = PublicKey([UInt8](repeating: 200, count: 32))!

    @Test("writes of many threads at once are each answered, and share their appends")
    func manyThreads() throws {
        let node = try Node()
        defer { node.stop() }
        // By its ticks alone it becomes leader.
        while node.host.look({ $0.role != .leader || !$0.isCaughtUp }) { sched_yield() }
        let threads = 8
        let each = 200
        for thread in 0..<threads {
            OwnThread.start(named: "writer-\(thread)") {
                for number in 0..<each {
                    let waiter = Waiter(UInt64(1 + thread * each + number))
                    let put = Put(
                        key: ObjectKey(kind: "VirtualMachine", namespace: "default", name: "vm-\(thread)"), labels: [:],
                        annotations: ["number": "\(number)"], spec: Array("{}".utf8), precondition: .none,
                        requiredNode: nil)
                    let request = RequestID(high: 7, low: waiter.number)
                    let command = Command.write(
                        WriteCommand(request: request, baseRevision: 1, mutations: [.put(put)]))
                    node.host.post(
                        .write(waiter, WriteSubmission(request: request, author: Self.admin, command: command)))
                }
            }
        }
        let (answers, appends, entries) = node.seen.wait { seen -> Monitor<Node.Seen>.Next<([WriteResult], Int, Int)> in
            guard seen.answers.count == threads * each else { return .wait(until: nil) }
            return .done((Array(seen.answers.values), seen.appends, seen.entries))
        }
        let applied = answers.count { if case .applied(.written) = $0 { true } else { false } }
        #expect(applied == threads * each)
        #expect(entries >= threads * each)
        #expect(appends < entries, "\(appends) appends of \(entries) entries")
        // Posting goes on where everything was idle, and ticks go on as well.
        let index = node.host.look { $0.commitIndex }
        #expect(index.rawValue >= UInt64(threads * each))
    }
}
