import API
import ArgumentParser
import Host
import Synchronization

/// How many small writes a cluster takes, and how long each takes.
struct CommitBenchmark: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "commit",
        abstract: "Writes of 256 B and 4 KiB by 1, 16, 64 and 256 clients: throughput, latency, and what they cost.")
    static let method =
        "three node processes on loopback, fsync on; each client replaces its own halted machine, which carries the "
        + "value, over one connection through the mesh (TLS 1.3, HTTP) to the leader, the next after the answer; "
        + "syncs, bytes and processor are those of all nodes, without the clients"

    @OptionGroup var options: BenchmarkOptions

    static func measure(in place: Workplace) async throws -> Report {
        let cluster = try await LocalCluster.start(nodes: 3, hypervisor: "simulated", in: place)
        let leader = try await cluster.leader()
        let follower = cluster.nodes.first { $0 !== leader } ?? leader
        let client = cluster.client(first: leader)
        defer { client.close() }
        try await cluster.apply(
            (0..<counts.max()!).map { LocalCluster.machine("vm-\($0)", memory: "64Mi", runStrategy: "Halted") },
            by: client)
        try await cluster.settle()
        let loop = ClientLoop()
        var report = Report()
        report.add("fdatasync of 4 KiB on this disk", "ms", try await syncFloor(place))
        for size in sizes {
            for count in counts {
                try await add(Load(clients: count, bytes: size), to: leader, of: cluster, on: loop, &report)
            }
        }
        try await add(
            Load(clients: 1, bytes: sizes[0]), to: follower, of: cluster, on: loop, &report, suffix: " of a follower")
        report.add(
            "resident memory of each node",
            try cluster.nodes.map { "\(Int(try $0.residentMebibytes)) MiB" }.joined(separator: ", "))
        try await loop.end()
        return report
    }

    private static let counts = [1, 16, 64, 256]
    private static let sizes = [256, 4096]

    /// So many clients that write so much at a time.
    private struct Load {
        var clients: Int
        var bytes: Int

        var label: String {
            "\(clients) client\(clients == 1 ? "" : "s"), \(bytes < 1024 ? "\(bytes) B" : "\(bytes / 1024) KiB")"
        }
    }

    private static func add(
        _ load: Load, to node: LocalNode, of cluster: LocalCluster, on loop: ClientLoop, _ report: inout Report,
        suffix: String = ""
    ) async throws {
        let clients = (0..<load.clients).map { _ in cluster.client(first: node, on: loop) }
        defer { for client in clients { client.close() } }
        _ = try await run(load, clients, cluster, on: loop, seconds: cluster.place.isSmoke ? 0.1 : 1)
        let before = (
            syncs: try cluster.sum("journal_syncs_total"), bytes: try cluster.sum("journal_written_bytes_total"),
            use: try cluster.use()
        )
        let watch = Stopwatch()
        let latencies = try await run(load, clients, cluster, on: loop, seconds: cluster.place.isSmoke ? 0.2 : 5)
        let seconds = watch.seconds
        let syncs = try cluster.sum("journal_syncs_total") - before.syncs
        let bytes = try cluster.sum("journal_written_bytes_total") - before.bytes
        let processor = try cluster.use().processorMilliseconds - before.use.processorMilliseconds
        let writes = Double(latencies.count)
        let label = load.label + suffix
        report.add(label, "ms", Samples(latencies))
        report.add(
            label + ":",
            "\(Report.number(writes / seconds)) writes/s; for each write \(Report.number(syncs / writes)) syncs, "
                + "\(Report.number(bytes / writes)) bytes of log, \(Report.number(processor / writes)) ms of processor")
    }

    /// Lets every client write one after the other for so long.
    ///
    /// - Returns: How long each write took, in milliseconds.
    private static func run(
        _ load: Load, _ clients: [APIClient], _ cluster: LocalCluster, on loop: ClientLoop, seconds: Double
    ) async throws -> [Double] {
        try await withThrowingTaskGroup(of: [Double].self) { group in
            let all = Stopwatch()
            for (position, client) in clients.enumerated() {
                group.addTask(executorPreference: loop.executor) {
                    var latencies: [Double] = []
                    var letter = UInt8(ascii: "a")
                    while latencies.isEmpty || all.seconds < seconds {
                        // A value that is there already would change nothing.
                        letter = letter == UInt8(ascii: "z") ? UInt8(ascii: "a") : letter + 1
                        let value = String(decoding: [UInt8](repeating: letter, count: load.bytes), as: UTF8.self)
                        let one = Stopwatch()
                        try await cluster.replace("vm-\(position)", with: value, by: client)
                        latencies.append(one.milliseconds)
                    }
                    return latencies
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    /// What no write can be faster than.
    private static func syncFloor(_ place: Workplace) async throws -> Samples {
        let path = "\(try place.makeDirectory("sync"))/file"
        let rounds = place.rounds(100, smoke: 3)
        return try await place.blocking.run { () throws(BenchmarkFailure) in
            try SyncProbe.measure(path, rounds: rounds)
        }
    }
}
