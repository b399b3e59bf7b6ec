import Mesh
import Primitives
import Raft
import Replica
import Testing
import Wire

@testable import Agent

@Suite("What waits for a replica")
struct ReplicaInboxTests {
    private static let limits = ReplicaInbox.Limits(messages: 3, messageBytes: 100, inlineBytes: 1000)
    private static let appended = ReplicaInput.appended(
        Message(.storageAppend, from: NodeID(1), to: .appendThread))

    private static func message(_ term: UInt64) -> ReplicaInput {
        .message(from: NodeID(2), .raft(Message(.heartbeat, from: NodeID(2), to: NodeID(1), term: Term(term))))
    }

    /// A running one with nothing in it.
    private static func running() -> ReplicaInbox {
        var inbox = ReplicaInbox(limits: limits)
        inbox.start()
        return inbox
    }

    private static func handled(_ turn: ReplicaInbox.Turn) -> Int? {
        if case .handle(let inputs) = turn { inputs.count } else { nil }
    }

    private static func count(_ work: ReplicaInbox.Work?) -> Int? { work?.inputs.count }

    private static func isWake(_ turn: ReplicaInbox.Turn) -> Bool {
        if case .wake = turn { true } else { false }
    }

    @Test("whoever brings something small to an idle replica handles it, and others leave theirs to the thread")
    func turns() {
        var inbox = Self.running()
        #expect(Self.handled(inbox.post(.peers([:]))) == 1)
        #expect(Self.handled(inbox.post(.peers([:]))) == nil)
        #expect(Self.handled(inbox.post(.peers([:]))) == nil)
        #expect(inbox.next(isTickDue: false) == nil)
        #expect(inbox.finished(openLogBytes: 0, leaving: []) == true)
        let work = inbox.next(isTickDue: false)
        #expect(work?.inputs.count == 2 && work?.isLast == false)
        #expect(inbox.finished(openLogBytes: 0, leaving: []) == false)
        #expect(inbox.next(isTickDue: false) == nil)
    }

    @Test("a tick that is due comes before those who would go on by themselves")
    func tick() {
        var inbox = Self.running()
        #expect(Self.handled(inbox.post(.peers([:]))) == 1)
        #expect(inbox.next(isTickDue: true) == nil)
        #expect(inbox.wakesThread)
        #expect(inbox.finished(openLogBytes: 0, leaving: []) == true)
        #expect(Self.handled(inbox.post(.peers([:]))) == nil)
        #expect(Self.count(inbox.next(isTickDue: true)) == 1)
        #expect(inbox.finished(openLogBytes: 0, leaving: []) == false)
        #expect(Self.handled(inbox.post(.peers([:]))) == 1)
    }

    @Test("writes wait while the journal is at work, and are handled together with its answer")
    func writes() {
        var inbox = Self.running()
        inbox.appendBegins()
        inbox.appendBegins()
        for number in 1...3 as ClosedRange<UInt64> {
            #expect(Self.handled(inbox.post(HostedReplica.write(number))) == nil)
        }
        #expect(inbox.next(isTickDue: false) == nil)
        // The first of two that became durable together waits for the second.
        inbox.queue(Self.appended)
        #expect(Self.handled(inbox.post(Self.appended)) == 5)
        _ = inbox.finished(openLogBytes: 0, leaving: [])
        #expect(Self.handled(inbox.post(HostedReplica.write(4))) == 1)
    }

    @Test("what is large, or may cause much to be applied, is left to the thread")
    func large() {
        var inbox = Self.running()
        #expect(Self.isWake(inbox.post(HostedReplica.write(1, specBytes: 5000))) == true)
        // What is small does not overtake it.
        #expect(Self.isWake(inbox.post(.peers([:]))) == true)
        #expect(Self.count(inbox.next(isTickDue: false)) == 2)
        _ = inbox.finished(openLogBytes: 5000, leaving: [])
        #expect(Self.isWake(inbox.post(Self.message(1))) == true)
        _ = inbox.next(isTickDue: false)
        _ = inbox.finished(openLogBytes: 0, leaving: [])
        #expect(Self.handled(inbox.post(Self.message(1))) == 1)
    }

    @Test("large effects are left to the thread, which performs them before anything else happens")
    func leftEffects() {
        var inbox = Self.running()
        #expect(Self.handled(inbox.post(.peers([:]))) == 1)
        #expect(inbox.finished(openLogBytes: 0, leaving: [.membersChanged]) == true)
        #expect(Self.isWake(inbox.post(.peers([:]))) == true)
        let work = inbox.next(isTickDue: false)
        #expect(work?.effects.count == 1 && work?.inputs.count == 1)
        _ = inbox.finished(openLogBytes: 0, leaving: [])
        #expect(Self.handled(inbox.post(.peers([:]))) == 1)
    }

    @Test("messages of others are bounded in number and in bytes, and dropped ones are counted")
    func backlog() {
        var inbox = ReplicaInbox(limits: Self.limits)
        for number in 0..<5 as Range<UInt64> { _ = inbox.post(message: Self.message(number), bytes: 1) }
        #expect(inbox.count == 3 && inbox.dropped == 2)
        // What this node itself has to say is never dropped.
        _ = inbox.post(.peers([:]))
        #expect(inbox.count == 4)
        inbox.start()
        #expect(Self.count(inbox.next(isTickDue: false)) == 4)
        _ = inbox.finished(openLogBytes: 0, leaving: [])
        inbox.appendBegins()
        // A single message larger than the bound waits alone.
        _ = inbox.post(message: Self.message(1), bytes: 5000)
        _ = inbox.post(message: Self.message(2), bytes: 1)
        #expect(inbox.count == 1 && inbox.dropped == 3)
        #expect(Self.count(inbox.next(isTickDue: false)) == 1)
        _ = inbox.post(message: Self.message(3), bytes: 60)
        _ = inbox.post(message: Self.message(4), bytes: 41)
        _ = inbox.post(message: Self.message(5), bytes: 40)
        #expect(inbox.count == 2 && inbox.dropped == 4)
    }

    @Test("closing handles what waits, halting does not, and nothing is taken afterwards", arguments: [true, false])
    func ends(isHalted: Bool) {
        var inbox = Self.running()
        #expect(Self.handled(inbox.post(.peers([:]))) == 1)
        _ = inbox.post(.peers([:]))
        if isHalted { inbox.halt() } else { inbox.close() }
        #expect(Self.handled(inbox.post(.peers([:]))) == nil)
        #expect(inbox.next(isTickDue: false) == nil)
        // The thread has to come and end.
        #expect(inbox.finished(openLogBytes: 0, leaving: [.membersChanged]) == true)
        let work = inbox.next(isTickDue: false)
        #expect(work?.isLast == true)
        #expect(work?.inputs.count == (isHalted ? 0 : 1) && work?.effects.count == (isHalted ? 0 : 1))
        inbox.end()
        #expect(inbox.hasEnded)
        #expect(inbox.next(isTickDue: true) == nil)
    }
}

@Suite("T40: The clockwork of a replica")
struct TickScheduleTests {
    private static func at(_ milliseconds: Int64) -> Instant { Instant(milliseconds: milliseconds) }

    @Test("T40: ticks keep their pace, also if each is taken a little late")
    func pace() {
        var ticks = TickSchedule(start: Self.at(0), periodMilliseconds: 100)
        var taken = 0
        for now in stride(from: Int64(0), through: 10_000, by: 7) where ticks.take(Self.at(now)) { taken += 1 }
        #expect(taken == 99)
    }

    @Test(
        "T40: a stall, however long, costs its ticks and is followed by one",
        arguments: [100, 1000, 100_000] as [Int64])
    func stall(milliseconds: Int64) {
        var ticks = TickSchedule(start: Self.at(0), periodMilliseconds: 100)
        #expect(ticks.take(Self.at(99)) == false)
        #expect(ticks.take(Self.at(100)) == true)
        let now = 100 + milliseconds + 100
        #expect(ticks.take(Self.at(now)) == true)
        #expect(ticks.next == Self.at(now + 100))
        for later in now..<now + 100 { #expect(ticks.take(Self.at(later)) == false) }
        #expect(ticks.take(Self.at(now + 100)) == true)
    }
}

@Suite("How messages travel, and which are not read")
struct MessageTests {
    @Test("appends keep their order, with entries or without; everything else goes ahead")
    func lanes() {
        func lane(_ kind: Message.Kind) -> Bool {
            PeerMessage.raft(Message(kind, from: NodeID(1), to: NodeID(2), term: Term(1))).lane == .inOrder
        }
        #expect(lane(.append))
        for kind in [.heartbeat, .heartbeatResponse, .appendResponse, .vote, .preVote, .timeoutNow] as [Message.Kind] {
            #expect(!lane(kind))
        }
    }

    @Test("each unreadable message is counted, and the same member complained of once a minute")
    func unreadable() throws {
        let keys = try (1...2).map { try #require(PublicKey([UInt8](repeating: $0, count: 32))) }
        let messages = UnreadableMessages()
        func note(_ key: Int, _ seconds: Int64) -> Bool {
            messages.note(from: keys[key], now: Instant(milliseconds: seconds * 1000))
        }
        #expect(note(0, 10))
        #expect(!note(0, 11))
        #expect(note(1, 11))
        #expect(!note(0, 69))
        #expect(note(0, 70))
        #expect(!note(0, 71))
        #expect(messages.count == 6)
    }
}
