import API
import ArgumentParser
import Glibc
import Host

/// How long a cluster takes no writes after its leader was killed.
struct FailoverBenchmark: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "failover", abstract: "From killing the leader until the next write succeeds.")
    static let method =
        "three node processes on loopback, fsync on; kill -9 of the leader while a client holds a connection to it; "
        + "from the kill until that client's next write is acknowledged; then the node is started again and catches up"

    @OptionGroup var options: BenchmarkOptions

    static func measure(in place: Workplace) async throws -> Report {
        let cluster = try await LocalCluster.start(nodes: 3, hypervisor: "simulated", in: place)
        let setup = cluster.client()
        try await cluster.apply([LocalCluster.machine("vm", memory: "64Mi", runStrategy: "Halted")], by: setup)
        setup.close()
        var elected: [Double] = []
        var written: [Double] = []
        var restarted: [Double] = []
        for round in 0..<place.rounds(20, smoke: 1) {
            let leader = try await cluster.leader()
            let client = cluster.client(first: leader)
            defer { client.close() }
            try await cluster.touch("vm", 2 * round, by: client)
            let process = try leader.process
            let watch = Stopwatch()
            try process.send(SIGKILL)
            async let electedAfter = untilElected(among: cluster.nodes.filter { $0 !== leader }, watch, in: place)
            try await untilWritten(2 * round + 1, cluster) { try await cluster.touch("vm", $0, by: client) }
            written.append(watch.milliseconds)
            elected.append(try await electedAfter)
            _ = await process.waitForEnd()
            let start = Stopwatch()
            try cluster.restart(leader)
            try await cluster.settle()
            restarted.append(start.milliseconds)
            // A kill may come at any moment between two heartbeats.
            try await Task.sleep(for: .milliseconds(Int.random(in: 0..<(place.isSmoke ? 1 : 1000))))
        }
        var report = Report()
        report.add("a survivor leads", "ms", Samples(elected))
        report.add("next write acknowledged", "ms", Samples(written))
        report.add("killed node started again and level", "ms", Samples(restarted))
        let samples = Samples(written)
        report.add("worst:", "\(Report.number(samples.maximum)) ms")
        report.goal(
            "next write in less than 2 s (median)", "\(Report.number(samples.median)) ms", isMet: samples.median < 2000)
        return report
    }

    /// Tries again and again, as a script would.
    private static func untilWritten(
        _ value: Int, _ cluster: LocalCluster, _ write: (Int) async throws -> Void
    ) async throws {
        let watch = Stopwatch()
        while true {
            do {
                return try await write(value)
            } catch {
                guard watch.seconds < 60, !Task.isCancelled else { throw error }
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }

    /// Looks at the survivors' figures every 20 ms.
    private static func untilElected(
        among survivors: [LocalNode], _ watch: Stopwatch, in place: Workplace
    ) async throws -> Double {
        while watch.seconds < 60 {
            let leads = await place.blocking.run {
                // A survivor that does not answer does not lead yet.
                survivors.contains { (try? $0.metrics["raft_is_leader"]) == 1 }
            }
            if leads { return watch.milliseconds }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw BenchmarkFailure("no survivor leads after a minute")
    }
}
