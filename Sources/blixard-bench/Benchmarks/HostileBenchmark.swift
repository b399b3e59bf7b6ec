import API
import ArgumentParser
import Contract
import Host
import JSONText
import Mesh
import NIOCore
import NIOPosix
import Primitives

/// What other clients notice of those who take all the connections that they get.
struct HostileBenchmark: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "hostile", abstract: "Latency and memory while thousands of connections are held to the leader.")
    static let method =
        "three node processes on loopback; to the leader 3,000 connections of one viewer's key, 3,000 of keys that "
        + "are not admitted, 200 half handshakes and 8 slow bodies of 16 MiB; a list of nodes by another key, before "
        + "and while they are held; then 100 watches and 40 lists of 1,000 machines (16 MB) that change three times, "
        + "unread"

    @OptionGroup var options: BenchmarkOptions

    private struct Snapshot {
        var latency: Samples
        var residentMebibytes: Double
        var term: Double
        var connected: Double
    }

    static func measure(in place: Workplace) async throws -> Report {
        // Refused by the system, it is what the process has; the dials tell then.
        _ = try? DescriptorLimit.raise()
        let cluster = try await LocalCluster.start(nodes: 3, hypervisor: "simulated", in: place)
        let leader = try await cluster.leader()
        let client = cluster.client(first: leader)
        let viewer = Identity()
        _ = try await client.send(
            "POST", OwnPath.grants.text,
            body: GrantRequest(key: viewer.publicKey, name: nil, role: .viewer).json, request: nil)
        try await cluster.settle()
        let rounds = place.rounds(300, smoke: 5)
        let before = try await snapshot(of: leader, by: client, rounds)
        let crowd = Crowd(leader)
        let count = place.size(3000, smoke: 40)
        let admitted = await crowd.hold(count) { _ in viewer }
        let strangers = await crowd.hold(count) { _ in Identity() }
        await crowd.holdPlain(place.size(200, smoke: 10))
        await crowd.sendSlowly(place.size(8, smoke: 2), bytes: 1 << 20, as: viewer)
        let during = try await snapshot(of: leader, by: client, rounds)
        await crowd.close()
        client.close()

        var report = Report()
        report.add("list of nodes, before", "ms", before.latency)
        report.add("list of nodes, meanwhile", "ms", during.latency)
        let growth = during.residentMebibytes - before.residentMebibytes
        report.add("connections that came about:", "\(admitted) admitted, \(strangers) not admitted")
        report.add(
            "memory of the leader:",
            "\(Report.number(before.residentMebibytes)) MiB before, \(Report.number(during.residentMebibytes)) MiB "
                + "meanwhile")
        report.goal(
            "latency within twice its value (median)",
            "\(Report.number(before.latency.median)) and \(Report.number(during.latency.median)) ms",
            isMet: during.latency.median <= 2 * before.latency.median)
        report.goal("less than 64 MiB more", "\(Report.number(growth)) MiB", isMet: growth < 64)
        report.goal(
            "the same leader, and all members connected",
            "term \(Int(during.term)), \(Int(during.connected)) connected",
            isMet: during.term == before.term && during.connected == 3)
        try await measureUnread(cluster, leader, as: viewer, in: place, &report)
        return report
    }

    private static func snapshot(
        of leader: LocalNode, by client: APIClient, _ rounds: Int
    ) async throws -> Snapshot {
        var latency: [Double] = []
        for _ in 0..<rounds {
            let watch = Stopwatch()
            _ = try await client.get(ClusterPath.nodes)
            latency.append(watch.milliseconds)
        }
        let metrics = try leader.metrics
        return Snapshot(
            latency: Samples(latency), residentMebibytes: try leader.residentMebibytes,
            term: try metrics["raft_term"], connected: try metrics["raft_voters_connected"])
    }
}

/// Connections that are held and not used.
actor Crowd {
    private let leader: LocalNode
    private let group = MultiThreadedEventLoopGroup.singleton
    private var channels: [any Channel] = []

    init(_ leader: LocalNode) {
        self.leader = leader
    }

    /// Opens connections, and answers how many came about. Those that the node closes again count too.
    func hold(_ count: Int, as identity: @Sendable (Int) -> Identity) async -> Int {
        var opened = 0
        for number in 0..<count {
            guard let channel = await dial(identity(number)) else { continue }
            channels.append(channel)
            opened += 1
        }
        return opened
    }

    /// Opens connections that say nothing.
    func holdPlain(_ count: Int) async {
        for _ in 0..<count {
            // One that is refused is not held.
            if let channel = try? await ClientBootstrap(group: group)
                .connect(host: "127.0.0.1", port: leader.ports.mesh).get()
            {
                channels.append(channel)
            }
        }
    }

    /// Begins requests with bodies of 16 MiB, of which only so much comes.
    func sendSlowly(_ count: Int, bytes: Int, as identity: Identity) async {
        let head = "POST \(OwnPath.plan.text) HTTP/1.1\r\nHost: node\r\nContent-Length: \(16 << 20)\r\n\r\n"
        for _ in 0..<count {
            guard let channel = await dial(identity) else { continue }
            var buffer = ByteBuffer(string: head)
            buffer.writeRepeatingByte(0x20, count: bytes)
            channel.writeAndFlush(buffer, promise: nil)
            channels.append(channel)
        }
    }

    /// Sends requests and reads nothing of the answers.
    func ask(_ count: Int, _ path: String, as identity: Identity) async {
        for _ in 0..<count {
            guard let channel = await dial(identity, reads: false) else { continue }
            let head = "GET \(path) HTTP/1.1\r\nHost: node\r\n\r\n"
            channel.writeAndFlush(ByteBuffer(string: head), promise: nil)
            channels.append(channel)
        }
    }

    func close() async {
        for channel in channels {
            // However it ends, it is closed then.
            try? await channel.close().get()
        }
        channels = []
    }

    private func dial(_ identity: Identity, reads: Bool = true) async -> (any Channel)? {
        guard let key = leader.key else { return nil }
        // A refusal is an answer that this crowd expects.
        return try? await Dialer(identity: identity, group: group).dial(
            .key(key, addresses: [leader.address]), alpn: .http, timeoutMilliseconds: 5000
        ) { $0.setOption(.autoRead, value: reads) }.channel
    }
}
