import API
import ArgumentParser

/// How long a whole set of machines takes from the apply to running.
struct ConvergeBenchmark: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "converge", abstract: "From applying 1,000 machines until a watch has seen all of them running.")
    static let method =
        "three node processes on loopback, simulated hypervisor (a start takes 50 ms), fsync on; from sending one "
        + "apply until list and watch have shown the machines as Running"

    @OptionGroup var options: BenchmarkOptions

    static func measure(in place: Workplace) async throws -> Report {
        let cluster = try await LocalCluster.start(nodes: 3, hypervisor: "simulated", in: place)
        let client = cluster.client(first: try await cluster.leader())
        defer { client.close() }
        let count = place.machines(1000, smoke: 20)
        let documents = (0..<count).map { LocalCluster.machine("vm-\($0)", memory: "64Mi") }
        var acknowledged: [Double] = []
        var seen: (first: [Double], half: [Double], last: [Double]) = ([], [], [])
        var processor: [Double] = []
        var entries: [Double] = []
        for _ in 0..<place.rounds(5, smoke: 1) {
            try await cluster.settle()
            let before = (use: try cluster.use(), index: try cluster.nodes[0].metrics["raft_applied_index"])
            let watch = Stopwatch()
            let answer = try await cluster.apply(documents, by: client)
            acknowledged.append(answer.milliseconds)
            let moments = try await cluster.untilRunning(count, after: answer.revision, by: client)
            seen.first.append(watch.milliseconds(until: moments[0]))
            seen.half.append(watch.milliseconds(until: moments[moments.count / 2]))
            seen.last.append(watch.milliseconds(until: moments[moments.count - 1]))
            processor.append(try cluster.use().processorMilliseconds - before.use.processorMilliseconds)
            try await cluster.settle()
            entries.append(try cluster.nodes[0].metrics["raft_applied_index"] - before.index)
            try await cluster.deleteMachines(by: client)
        }
        var report = Report()
        report.add("acknowledged", "ms", Samples(acknowledged))
        report.add("first machine runs", "ms", Samples(seen.first))
        report.add("half of \(count) run", "ms", Samples(seen.half))
        report.add("all \(count) run", "ms", Samples(seen.last))
        report.add("processor time of the three nodes", "ms", Samples(processor))
        report.add("entries of the log", "", Samples(entries))
        return report
    }
}
