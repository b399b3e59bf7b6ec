import ArgumentParser

/// What a cluster does that has nothing to do.
struct IdleBenchmark: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "idle", abstract: "What three nodes without machines use in a minute.")
    static let method =
        "three node processes on loopback without machines and without clients, settled, then left alone for a "
        + "minute; processor time and disk bytes by /proc/PID, files by size and time of change, lines of the logs"

    @OptionGroup var options: BenchmarkOptions

    private struct Snapshot {
        var uses: [ProcessUse]
        var entries: Double
        var syncs: Double
        var traces: [String: Files.Trace]
        var logLines: Int

        init(_ cluster: LocalCluster) throws {
            entries = try cluster.sum("journal_entries_total")
            syncs = try cluster.sum("journal_syncs_total")
            uses = try cluster.nodes.map { try $0.use }
            traces = cluster.nodes.reduce(into: [:]) { all, node in
                all.merge(Files.traces(below: node.dataDirectory)) { _, new in new }
            }
            logLines = cluster.nodes.reduce(0) { $0 + (Files.bytes($1.log) ?? []).count { $0 == 0x0a } }
        }
    }

    static func measure(in place: Workplace) async throws -> Report {
        let cluster = try await LocalCluster.start(nodes: 3, hypervisor: "simulated", in: place)
        try await settle(cluster)
        let before = try Snapshot(cluster)
        let watch = Stopwatch()
        try await Task.sleep(for: .milliseconds(place.isSmoke ? 500 : 60_000))
        let seconds = watch.seconds
        let uses = try cluster.nodes.map { try $0.use }
        let after = try Snapshot(cluster)

        var report = Report()
        var total = 0.0
        for (node, pair) in zip(cluster.nodes, zip(before.uses, uses)) {
            let share = (pair.1.processorMilliseconds - pair.0.processorMilliseconds) / seconds / 10
            total += share
            report.add("\(node.name):", "\(Report.number(share))% of a core")
        }
        let written = zip(before.uses, uses).reduce(0) { $0 + $1.1.diskBytes - $1.0.diskBytes }
        let changed = Set(before.traces.keys).union(after.traces.keys)
            .filter { before.traces[$0] != after.traces[$0] }.sorted()
        let entries = after.entries - before.entries
        let lines = after.logLines - before.logLines
        report.add("all three:", "\(Report.number(total))% of a core in \(Report.number(seconds)) s")
        report.add("Raft entries:", String(Int(entries)))
        report.add("syncs:", String(Int(after.syncs - before.syncs)))
        report.add("bytes to disk:", String(written))
        report.add("files changed:", changed.isEmpty ? "none" : changed.joined(separator: " "))
        report.add("log lines:", String(lines))
        report.goal("less than 2% of one core", "\(Report.number(total))%", isMet: total < 2)
        report.goal("no Raft entry", String(Int(entries)), isMet: entries == 0)
        report.goal(
            "nothing written to disk", "\(written) bytes, \(changed.count) files",
            isMet: written == 0 && changed.isEmpty)
        report.goal("no log line", String(lines), isMet: lines == 0)
        return report
    }

    /// Waits until the cluster has been still for a while, so that the minute begins after the start is over.
    private static func settle(_ cluster: LocalCluster) async throws {
        guard !cluster.place.isSmoke else { return }
        var last = try cluster.sum("journal_entries_total")
        for _ in 0..<12 {
            try await Task.sleep(for: .seconds(5))
            let now = try cluster.sum("journal_entries_total")
            if now == last { break }
            last = now
        }
        // Never still: then that is what the minute shows. Connections that were refused while nodes joined are told
        // of a minute later, in one line.
        try await Task.sleep(for: .seconds(61))
    }
}
