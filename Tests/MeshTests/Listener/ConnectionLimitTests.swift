import Logging
import NIOCore
import Primitives
import Synchronization
import Testing

@testable import Mesh

/// What one key, one address and one rank can take of a listener's room, and what the others keep.
@Suite struct ConnectionLimitTests {
    private func target(_ fixture: Fixture) -> DialTarget {
        .key(fixture.identity.publicKey, addresses: [fixture.address])
    }

    private func dial(
        _ fixture: Fixture, _ identity: Identity, _ alpn: ALPN = .http
    ) async throws -> DialedConnection<Collector> {
        try await Dialer(identity: identity, group: Fixture.group).collect(target(fixture), alpn: alpn)
    }

    private func expectAnswered(_ connection: DialedConnection<Collector>) async throws {
        connection.channel.writeAndFlush(ByteBuffer(string: "ping"), promise: nil)
        try await eventually("the echo") { connection.value.text.hasSuffix("ping") }
    }

    private func expectBusy(_ fixture: Fixture, _ identity: Identity, _ alpn: ALPN = .stream) async {
        let error = await expectMeshError { () async throws(MeshError) in
            try await Dialer(identity: identity, group: Fixture.group).collect(target(fixture), alpn: alpn)
        }
        guard case .busy? = error?.dialReason else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("One key gets no more connections at work than its share, and hears that it is so")
    func perKey() async throws {
        var limits = Fixture.limits
        limits.connectionsPerUser = 2
        let fixture = try await Fixture(limits: limits)
        let greedy = Identity()
        let first = try await dial(fixture, greedy, .stream)
        _ = try await dial(fixture, greedy, .stream)
        await expectBusy(fixture, greedy)
        #expect(fixture.server.counters[.tooManyOfKey] == 1)
        try await expectAnswered(try await dial(fixture, Identity(), .stream))
        try await first.channel.close().get()
        try await eventually("room again") { fixture.server.counters.open == 2 }
        _ = try await dial(fixture, greedy, .stream)
        await fixture.stop()
    }

    @Test("The oldest idle connection of a key gives way to its newest, and never one at work")
    func idleGivesWay() async throws {
        var limits = Fixture.limits
        limits.connectionsPerUser = 2
        let fixture = try await Fixture(limits: limits)
        let key = Identity()
        let atWork = try await dial(fixture, key, .stream)
        let idle = try await dial(fixture, key)
        let newest = try await dial(fixture, key)
        try await eventually("the idle one is closed") { idle.value.isClosed }
        try await expectAnswered(newest)
        try await expectAnswered(atWork)
        #expect(fixture.server.counters.open == 2)
        #expect(fixture.server.counters[.gaveWay] == 1)
        await fixture.stop()
    }

    @Test("Users leave room for administrators, and these for members")
    func reserves() async throws {
        var limits = Fixture.limits
        (limits.connections, limits.reservedForMembers, limits.reservedForAdministrators) = (3, 1, 1)
        let fixture = try await Fixture(limits: limits)
        let (administrator, member) = (Identity(), Identity())
        fixture.standing.withLock {
            $0 = [administrator.publicKey: .administrator, member.publicKey: .member]
        }
        _ = try await dial(fixture, Identity(), .stream)
        await expectBusy(fixture, Identity())
        _ = try await dial(fixture, administrator, .stream)
        await expectBusy(fixture, administrator)
        try await expectAnswered(try await dial(fixture, member, .stream))
        await expectBusy(fixture, member)
        #expect(fixture.server.counters.open == 3)
        await fixture.stop()
    }

    @Test("Where there is no room, the key with the most idle connections makes some")
    func largestGivesWay() async throws {
        var limits = Fixture.limits
        (limits.connections, limits.reservedForMembers, limits.reservedForAdministrators) = (4, 0, 0)
        let fixture = try await Fixture(limits: limits)
        let (many, few) = (Identity(), Identity())
        let kept = try await dial(fixture, few)
        var held: [DialedConnection<Collector>] = []
        for _ in 0..<3 { held.append(try await dial(fixture, many)) }
        let newcomer = try await dial(fixture, Identity())
        let oldest = held[0].value
        try await eventually("the oldest is closed") { oldest.isClosed }
        try await expectAnswered(newcomer)
        try await expectAnswered(kept)
        await fixture.stop()
    }

    @Test("A member that opens many connections for Raft keeps the newest ones, and the others keep theirs")
    func raft() async throws {
        let (hostile, good) = (Identity(), try await TestNode())
        var limits = Fixture.limits
        limits.raftPerMember = 2
        let node = try await TestNode(limits: limits)
        node.fixture.standing.withLock { $0[hostile.publicKey] = .member }
        good.network.setPeers([node.address])
        try await eventually("the good one") { good.state(of: node)?.isConnected == true }
        let before = node.fixture.server.counters.open
        for _ in 0..<12 {
            _ = try await Dialer(identity: hostile, group: Fixture.group).collect(
                .key(node.key, addresses: node.address.addresses), alpn: .raft)
        }
        try await eventually("two are left") { node.fixture.server.counters.open <= before + 2 }
        #expect(good.state(of: node)?.isConnected == true)
        good.send("unhindered", to: node)
        try await eventually("the message") { node.hasReceived("unhindered", from: good) }
        await good.stop()
        await node.stop()
    }

    @Test("A key that nobody admitted has few connections, and takes no other stranger's place")
    func strangerKey() async throws {
        var limits = Fixture.limits
        (limits.strangers, limits.strangersPerKey, limits.strangersPerAddress) = (4, 2, 4)
        let fixture = try await Fixture(admitted: [], limits: limits)
        let (greedy, newcomer) = (Identity(), try await dial(fixture, Identity()))
        for _ in 0..<8 { _ = try await dial(fixture, greedy) }
        try await eventually("two are left") {
            fixture.server.counters.strangers == 3 && fixture.server.counters[.gaveWay] == 6
        }
        try await expectAnswered(newcomer)
        await fixture.stop()
    }

    @Test("However many unknown keys hold connections, a newcomer is heard, and an admitted key is not touched")
    func strangersGiveWay() async throws {
        var limits = Fixture.limits
        (limits.strangers, limits.strangersPerAddress) = (6, 3)
        let good = Identity()
        let fixture = try await Fixture(admitted: [good.publicKey], limits: limits)
        let admitted = try await dial(fixture, good)
        for _ in 0..<9 { _ = try await dial(fixture, Identity()) }
        let newcomer = try await dial(fixture, Identity())
        try await eventually("the answer") { newcomer.value.text.hasPrefix("403") }
        try await eventually("three are left") { fixture.server.counters.strangers == 3 }
        try await expectAnswered(newcomer)
        try await expectAnswered(admitted)
        await fixture.stop()
    }

    @Test("A stranger without a ticket has little time, and one with a ticket keeps its place")
    func tickets() async throws {
        var limits = Fixture.limits
        (limits.strangers, limits.strangersPerAddress, limits.strangerMilliseconds) = (1, 1, 100)
        let fixture = try await Fixture(admitted: [], limits: limits)
        let silent = try await dial(fixture, Identity())
        try await eventually("the silent one is closed") { silent.value.isClosed }
        #expect(fixture.server.counters[.strangerTimedOut] == 1)
        let ledger = fixture.server.ledger
        let joining = try await dial(fixture, Identity())
        try await eventually("it is there") { ledger.counters.strangers == 1 }
        let number = try #require(ledger.state.withLock { $0.strangers.first })
        ConnectionPlace(ledger: ledger, number: number).noteTicket()
        for _ in 0..<3 {
            let other = try await dial(fixture, Identity())
            try await eventually("another one's time is over") { other.value.isClosed }
        }
        try await expectAnswered(joining)
        await fixture.stop()
    }

    @Test("Only so many strangers keep a place by a ticket")
    func joining() async throws {
        var limits = Fixture.limits
        limits.joining = 1
        let fixture = try await Fixture(admitted: [], limits: limits)
        let ledger = fixture.server.ledger
        for _ in 0..<2 { _ = try await dial(fixture, Identity()) }
        try await eventually("both are there") { ledger.counters.strangers == 2 }
        for number in ledger.state.withLock({ $0.strangers }) {
            ConnectionPlace(ledger: ledger, number: number).noteTicket()
        }
        #expect(ledger.counters.strangers == 1)
        await fixture.stop()
    }

    @Test("Refusals are counted together: the first is logged at once, the others in one line with their numbers")
    func logging() async throws {
        let log = MemoryLog()
        let fixture = try await Fixture(admitted: [], logger: Logger(label: "test", factory: { _ in log }))
        let refused = [Identity(), Identity()]
        for _ in 0..<3 {
            for identity in refused {
                _ = await expectMeshError { () async throws(MeshError) in
                    try await Dialer(identity: identity, group: Fixture.group).collect(
                        target(fixture), alpn: .stream)
                }
            }
        }
        #expect(fixture.server.counters[.notAdmitted] == 6)
        #expect(log.lines.count { $0.contains("notAdmitted") } == 1)
        #expect(log.lines.contains { $0.contains("notAdmitted=1") && $0.contains(refused[0].publicKey.description) })
        await fixture.stop()
        #expect(log.lines.count { $0.contains("notAdmitted") } == 2)
        #expect(log.lines.contains { $0.contains("notAdmitted=5") })
    }
}
