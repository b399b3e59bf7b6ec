import API
import ArgumentParser

/// How long applies, plans and rollbacks of large sets take, what their history costs in memory, and how soon many
/// watches have a change.
struct SetsBenchmark: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "sets",
        abstract: "A set of 10,000 machines: apply, plan, rollback, memory, and 1,000 watches of it.")
    static let method =
        "three node processes on loopback, fsync on, a set of halted machines; from sending the request over an open "
        + "connection to the leader until its answer is understood; memory by VmRSS; rollback of a second set of a "
        + "tenth as many: history, older revision, apply; the watches are spread over the nodes, one connection each, "
        + "all of one key"

    @OptionGroup var options: BenchmarkOptions

    static func measure(in place: Workplace) async throws -> Report {
        let cluster = try await LocalCluster.start(nodes: 3, hypervisor: "simulated", in: place)
        let loop = ClientLoop()
        // To one node alone: a slow read must not be given to a second node meanwhile.
        let client = cluster.client(first: try await cluster.leader(), on: loop)
        let count = place.machines(10_000, smoke: 200)
        var report = Report()
        try await measureMemory(count, cluster, client, &report)
        try await measureSets(count, cluster, client, &report)
        try await measureRollback(max(1, count / 10), cluster, client, &report)
        try await measureWatches(place.size(1000, smoke: 20), cluster, client, on: loop, &report)
        client.close()
        try await loop.end()
        return report
    }

    /// What the set and ten more revisions of it add to the memory of the nodes.
    private static func measureMemory(
        _ count: Int, _ cluster: LocalCluster, _ client: APIClient, _ report: inout Report
    ) async throws {
        let empty = try cluster.nodes.map { try $0.residentMebibytes }
        let logBefore = try cluster.nodes.map { try $0.metrics["journal_written_bytes_total"] }
        var set = MachineSet("kept", count: count)
        _ = try await cluster.apply(set, writes: count, by: client)
        try await cluster.settle()
        let first = try cluster.nodes.map { try $0.residentMebibytes }
        for round in 0..<10 {
            set.change(percent: 1, round: round)
            _ = try await cluster.apply(set, writes: set.changes(percent: 1), by: client)
        }
        try await cluster.settle()
        let full = try cluster.nodes.map { try $0.residentMebibytes }
        let log = try zip(cluster.nodes, logBefore).map { try $0.metrics["journal_written_bytes_total"] - $1 }
        func text(_ values: [Double]) -> String { values.map { Report.number($0) }.joined(separator: ", ") }
        let kibibytes = zip(empty, full).map { ($1 - $0) * 1024 / Double(count) }
        report.add("memory of the nodes, empty:", "\(text(empty)) MiB")
        report.add("  with \(count) objects:", "\(text(first)) MiB")
        report.add("  with ten revisions more, each of 1%:", "\(text(full)) MiB")
        report.add("  that is for each object:", "\(text(kibibytes)) KiB")
        // What is not cut yet lies in memory too, whatever the number of objects.
        report.add("  the log has grown meanwhile by:", "\(text(log.map { $0 / 1_048_576 })) MiB")
        let most = kibibytes.max() ?? .nan
        report.goal(
            "less than 4 KiB for each object on every node", "\(Report.number(most)) KiB at most", isMet: most < 4)
        try await cluster.delete(set, by: client)
    }

    /// One kind of apply, and the plan before it.
    private struct Figures {
        var plans: [Double] = []
        var applies: [Double] = []

        mutating func take(
            _ set: MachineSet, writes expected: Int, _ cluster: LocalCluster, _ client: APIClient
        ) async throws {
            plans.append(try await cluster.plan(set, writes: expected, by: client))
            applies.append(try await cluster.apply(set, writes: expected, by: client))
            // The next one is measured alone, not beside what followers still do.
            try await cluster.settle()
        }

        func add(_ label: String, allowed: Double?, to report: inout Report) {
            report.add("apply, \(label)", "ms", Samples(applies))
            report.add("plan, \(label)", "ms", Samples(plans))
            guard let allowed else { return }
            for (what, values) in [("apply", applies), ("plan", plans)] {
                let median = Samples(values).median
                report.goal(
                    "\(what) of \(label) in less than \(Report.number(allowed)) ms (median)",
                    "\(Report.number(median)) ms", isMet: median < allowed)
            }
        }
    }

    private static func measureSets(
        _ count: Int, _ cluster: LocalCluster, _ client: APIClient, _ report: inout Report
    ) async throws {
        var (new, same, some, all) = (Figures(), Figures(), Figures(), Figures())
        for round in 0..<cluster.place.rounds(5, smoke: 2) {
            var set = MachineSet("large", count: count)
            try await new.take(set, writes: count, cluster, client)
            try await same.take(set, writes: 0, cluster, client)
            set.change(percent: 1, round: round)
            try await some.take(set, writes: set.changes(percent: 1), cluster, client)
            set.change(percent: 100, round: round)
            try await all.take(set, writes: count, cluster, client)
            try await cluster.delete(set, by: client)
            try await cluster.settle()
        }
        new.add("\(count) new machines", allowed: nil, to: &report)
        same.add("\(count) machines as they are", allowed: 1000, to: &report)
        some.add("\(count) machines, 1% with another spec", allowed: 1000, to: &report)
        all.add("\(count) machines with another spec", allowed: 2000, to: &report)
        _ = try await cluster.apply(MachineSet("large", count: count), writes: count, by: client)
    }

    private static func measureRollback(
        _ count: Int, _ cluster: LocalCluster, _ client: APIClient, _ report: inout Report
    ) async throws {
        var set = MachineSet("small", count: count)
        _ = try await cluster.apply(set, writes: count, by: client)
        set.change(percent: 100, round: 0)
        _ = try await cluster.apply(set, writes: count, by: client)
        var milliseconds: [Double] = []
        for _ in 0..<cluster.place.rounds(10, smoke: 2) {
            milliseconds.append(try await cluster.rollBack(set.name, writes: count, by: client))
            try await cluster.settle()
        }
        let samples = Samples(milliseconds)
        report.add("rollback, \(count) machines with another spec", "ms", samples)
        report.goal(
            "rollback of \(count) machines in less than 1000 ms (median)", "\(Report.number(samples.median)) ms",
            isMet: samples.median < 1000)
    }
}
