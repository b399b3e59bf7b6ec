import Fleet
import Glibc
import Host
import Primitives
import Raft
import Replica
import Synchronization
import Testing

@testable import Agent

@Suite("The replica's host")
struct ReplicaHostTests {
    @Test("writes of many threads at once are each answered, and share their appends")
    func manyThreads() throws {
        let node = try HostedReplica()
        defer { node.stop() }
        node.awaitLeadership()
        let threads = 8
        let each = 200
        for thread in 0..<threads {
            OwnThread.start(named: "writer-\(thread)") {
                for number in 0..<each {
                    node.host.post(
                        HostedReplica.write(UInt64(1 + thread * each + number), name: "vm-\(thread)"))
                }
            }
        }
        let answers = node.answers(threads * each)
        let (appends, entries) = node.seen.withLock { ($0.appends, $0.entries) }
        let applied = answers.values.count { if case .success(.written) = $0 { true } else { false } }
        #expect(applied == threads * each)
        #expect(entries >= threads * each)
        #expect(appends < entries, "\(appends) appends of \(entries) entries")
        let index = node.host.look { $0.commitIndex }
        #expect(index.rawValue >= UInt64(threads * each))
        // Posting goes on where everything is idle.
        node.host.post(HostedReplica.write(100_000))
        _ = node.answers(threads * each + 1)
    }

    @Test("ticks pass also while others keep the replica busy without a pause")
    func ticksWhileBusy() throws {
        let node = try HostedReplica(starts: false)
        defer { node.stop() }
        let isOver = Atomic(false)
        let posters = Monitor(3)
        for number in 0..<3 {
            OwnThread.start(named: "poster-\(number)") {
                while !isOver.load(ordering: .relaxed) { node.host.post(.peers([:])) }
                posters.change { $0 -= 1 }
            }
        }
        node.start()
        // Nobody leads without ticks.
        node.awaitLeadership()
        isOver.store(true, ordering: .relaxed)
        posters.wait { $0 == 0 ? .done(()) : .wait(until: nil) }
    }

    @Test("large writes, small ones and their appends come out right, wherever they are handled")
    func mixedSizes() throws {
        // So little that everything goes to the thread but what is empty.
        for inlineBytes in [0, 20_000, 1 << 30] {
            let node = try HostedReplica(
                limits: ReplicaInbox.Limits(messages: 10, messageBytes: 1000, inlineBytes: inlineBytes))
            defer { node.stop() }
            node.awaitLeadership()
            for number in 1...40 as ClosedRange<UInt64> {
                let bytes = number.isMultiple(of: 5) ? 100_000 : 10
                node.host.post(HostedReplica.write(number, name: "vm-\(number)", specBytes: bytes))
            }
            let answers = node.answers(40)
            #expect(answers.values.count { if case .success(.written) = $0 { true } else { false } } == 40)
            // What the node reports of itself may still be on its way.
            while node.host.look({ $0.openLogBytes > 0 }) { sched_yield() }
        }
    }

    @Test("what waits when the host is closed is handled first, and nothing after that")
    func closing() throws {
        let node = try HostedReplica(starts: false)
        for number in 1...5 as ClosedRange<UInt64> { node.host.post(HostedReplica.write(number)) }
        #expect(node.seen.withLock { $0.answers.isEmpty })
        node.start()
        node.stop()
        let answers = node.seen.withLock { $0.answers }
        #expect(answers.count == 5)
        // Nobody leads yet.
        #expect(answers.values.allSatisfy { if case .failure(.noQuorum) = $0 { true } else { false } })
        node.host.post(HostedReplica.write(6))
        node.host.queue(HostedReplica.write(7))
        #expect(node.seen.withLock { $0.answers.count } == 5)
    }

    @Test("a host that was halted handles nothing any more, not even what waited")
    func halting() throws {
        let node = try HostedReplica(starts: false)
        for number in 1...5 as ClosedRange<UInt64> { node.host.post(HostedReplica.write(number)) }
        node.host.halt()
        node.start()
        node.host.post(HostedReplica.write(6))
        node.stop()
        #expect(node.seen.withLock { $0.answers.isEmpty })
    }
}
