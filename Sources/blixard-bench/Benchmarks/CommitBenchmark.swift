import API
import ArgumentParser
import Host
import Synchronization

/// How many small writes a cluster takes, and how long each takes.
struct CommitBenchmark: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "commit", abstract: "Small writes by 1, 16 and 64 clients: throughput and latency.")
    static let method =
        "three node processes on loopback, fsync on; each client changes an annotation of its own halted machine "
        + "over one connection to the leader, the next change after the answer; syncs and bytes are those of all nodes"

    @OptionGroup var options: BenchmarkOptions

    static func measure(in place: Workplace) async throws -> Report {
        let cluster = try await LocalCluster.start(nodes: 3, hypervisor: "simulated", in: place)
        let leader = try await cluster.leader()
        let follower = cluster.nodes.first { $0 !== leader } ?? leader
        let client = cluster.client(first: leader)
        defer { client.close() }
        let counts = [1, 16, 64]
        let machines = (0..<64).map { LocalCluster.machine("vm-\($0)", memory: "64Mi", runStrategy: "Halted") }
        try await cluster.apply(machines, by: client)
        try await cluster.settle()
        var report = Report()
        report.add("fdatasync of 4 KiB on this disk", "ms", try await syncFloor(place))
        for count in counts {
            try await add("\(count) client\(count == 1 ? "" : "s")", count, to: leader, of: cluster, &report)
        }
        try await add("1 client of a follower", 1, to: follower, of: cluster, &report)
        return report
    }

    private static func add(
        _ label: String, _ count: Int, to node: LocalNode, of cluster: LocalCluster, _ report: inout Report
    ) async throws {
        let clients = (0..<count).map { _ in cluster.client(first: node) }
        defer { for client in clients { client.close() } }
        _ = try await load(clients, cluster, seconds: cluster.place.isSmoke ? 0.1 : 1)
        let before = (
            syncs: try cluster.sum("journal_syncs_total"), bytes: try cluster.sum("journal_written_bytes_total"),
            use: try cluster.use()
        )
        let watch = Stopwatch()
        let latencies = try await load(clients, cluster, seconds: cluster.place.isSmoke ? 0.2 : 8)
        let seconds = watch.seconds
        let syncs = try cluster.sum("journal_syncs_total") - before.syncs
        let bytes = try cluster.sum("journal_written_bytes_total") - before.bytes
        let processor = try cluster.use().processorMilliseconds - before.use.processorMilliseconds
        let writes = Double(latencies.count)
        report.add(label, "ms", Samples(latencies))
        report.add(
            label + ":",
            "\(Report.number(writes / seconds)) writes/s; for each write \(Report.number(syncs / writes)) syncs, "
                + "\(Report.number(bytes / writes)) bytes of log, \(Report.number(processor / writes)) ms of processor")
    }

    /// Lets every client write one after the other for so long.
    ///
    /// - Returns: How long each write took, in milliseconds.
    private static func load(
        _ clients: [APIClient], _ cluster: LocalCluster, seconds: Double
    ) async throws -> [Double] {
        try await withThrowingTaskGroup(of: [Double].self) { group in
            let all = Stopwatch()
            for (position, client) in clients.enumerated() {
                group.addTask {
                    var latencies: [Double] = []
                    while latencies.isEmpty || all.seconds < seconds {
                        let one = Stopwatch()
                        try await cluster.touch("vm-\(position)", Int.random(in: 0..<1_000_000_000), by: client)
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
