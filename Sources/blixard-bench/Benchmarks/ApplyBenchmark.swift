import API
import ArgumentParser
import JSONText

/// How long an apply takes until it is acknowledged.
struct ApplyBenchmark: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Apply 1 and 1,000 machines; time until the acknowledgement.")
    static let method =
        "three node processes on loopback, simulated hypervisor, fsync on; from sending one apply over an open "
        + "connection to the leader until its answer"

    @OptionGroup var options: BenchmarkOptions

    static func measure(in place: Workplace) async throws -> Report {
        let cluster = try await LocalCluster.start(nodes: 3, hypervisor: "simulated", in: place)
        let client = cluster.client(first: try await cluster.leader())
        defer { client.close() }
        let many = place.machines(1000, smoke: 20)
        var single: [Double] = []
        var created: [Double] = []
        var changed: [Double] = []
        var repeated: [Double] = []
        var processor: [Double] = []
        for round in 0..<place.rounds(30, smoke: 2) {
            let machine = LocalCluster.machine("single-\(round)", memory: "64Mi")
            single.append(try await cluster.apply([machine], by: client).milliseconds)
        }
        try await cluster.deleteMachines(by: client)
        for _ in 0..<place.rounds(10, smoke: 1) {
            let first = (0..<many).map { LocalCluster.machine("vm-\($0)", memory: "64Mi") }
            let second = (0..<many).map { LocalCluster.machine("vm-\($0)", memory: "96Mi") }
            let before = try cluster.use()
            let answer = try await cluster.apply(first, by: client)
            processor.append(try cluster.use().processorMilliseconds - before.processorMilliseconds)
            created.append(answer.milliseconds)
            // Later ones are measured alone, not beside a thousand starts.
            _ = try await cluster.untilRunning(many, after: answer.revision, by: client)
            try await cluster.settle()
            repeated.append(try await cluster.apply(first, by: client).milliseconds)
            changed.append(try await cluster.apply(second, by: client).milliseconds)
            try await cluster.deleteMachines(by: client)
            try await cluster.settle()
        }
        var report = Report()
        report.add("1 new machine", "ms", Samples(single))
        report.add("\(many) new machines", "ms", Samples(created))
        report.add("  processor time of the three nodes meanwhile", "ms", Samples(processor))
        report.add("\(many) machines as they are", "ms", Samples(repeated))
        report.add("\(many) machines with another spec", "ms", Samples(changed))
        let median = Samples(created).median
        report.goal(
            "\(many) new machines acknowledged in less than 300 ms (median)", "\(Report.number(median)) ms",
            isMet: median < 300)
        return report
    }
}
