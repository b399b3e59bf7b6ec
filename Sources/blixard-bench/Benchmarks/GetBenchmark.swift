import API
import ArgumentParser
import Host

/// How long a list of many machines takes at the command line.
struct GetBenchmark: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "`blixard get vms` with 1,000 machines, process start included: time and memory.")
    static let method =
        "three node processes on loopback with running simulated machines; wall time of the whole command, from fork "
        + "to its end, output into a file"

    @OptionGroup var options: BenchmarkOptions

    static func measure(in place: Workplace) async throws -> Report {
        let cluster = try await LocalCluster.start(nodes: 3, hypervisor: "simulated", in: place)
        let client = cluster.client(first: try await cluster.leader())
        let count = place.machines(1000, smoke: 20)
        let documents = (0..<count).map { LocalCluster.machine("vm-\($0)", memory: "64Mi") }
        let answer = try await cluster.apply(documents, by: client)
        _ = try await cluster.untilRunning(count, after: answer.revision, by: client)
        client.close()
        try await cluster.settle()
        var report = Report()
        // 60 ms for a thousand; one second for the ten thousand that are a large cluster.
        let allowed = count <= 1000 ? 60 : 1000
        let rounds = place.rounds(20, smoke: 2)
        let version = try await measure(["version", "--client"], rounds, cluster) { !$0.isEmpty }
        // A line for each machine, and the header.
        let get = try await measure(["get", "vms"], rounds, cluster) { $0.split(separator: "\n").count == count + 1 }
        report.add("blixard version --client", "ms", version.wall)
        report.add("blixard get vms (\(count))", "ms", get.wall)
        report.add("  its own processor time", "ms", get.own)
        report.add("  processor time of the three nodes meanwhile", "ms", get.nodes)
        report.add(
            "memory of blixard get vms at most:",
            "\(Report.number(try await peakMebibytes(["get", "vms"], cluster))) MiB")
        report.goal(
            "`blixard get vms` of \(count) machines in less than \(allowed) ms (median)",
            "\(Report.number(get.wall.median)) ms", isMet: get.wall.median < Double(allowed))
        return report
    }

    private static func measure(
        _ arguments: [String], _ rounds: Int, _ cluster: LocalCluster, isWhole: (String) -> Bool
    ) async throws -> (wall: Samples, own: Samples, nodes: Samples) {
        var wall: [Double] = []
        var own: [Double] = []
        var nodes: [Double] = []
        // The first run finds the program's pages on disk, and is not counted.
        for round in 0...rounds {
            let output = "\(try cluster.place.makeDirectory("get"))/output"
            let before = (own: ProcessUse.endedChildrenMilliseconds, nodes: try cluster.use())
            let watch = Stopwatch()
            let process = try cluster.place.spawn(
                cluster.place.program, arguments, environment: cluster.environment, output: output)
            let end = await process.waitForEnd()
            let milliseconds = watch.milliseconds
            let text = Files.text(output) ?? ""
            guard end == .exited(code: 0), isWhole(text) else {
                throw BenchmarkFailure("blixard \(arguments.joined(separator: " ")): \(end)\n\(text.prefix(2000))")
            }
            guard round > 0 else { continue }
            wall.append(milliseconds)
            own.append(ProcessUse.endedChildrenMilliseconds - before.own)
            nodes.append(try cluster.use().processorMilliseconds - before.nodes.processorMilliseconds)
        }
        return (Samples(wall), Samples(own), Samples(nodes))
    }

    /// The most memory that the command has in the host's at one time, by looks at it every millisecond.
    private static func peakMebibytes(_ arguments: [String], _ cluster: LocalCluster) async throws -> Double {
        let output = "\(try cluster.place.makeDirectory("get"))/output"
        let process = try cluster.place.spawn(
            cluster.place.program, arguments, environment: cluster.environment, output: output)
        var most = 0
        while process.end == nil {
            // The kernel keeps the most so far; once the process has ended, it says nothing of its memory.
            most = max(most, Files.kibibytes("VmHWM", in: "/proc/\(process.pid)/status") ?? 0)
            try await Task.sleep(for: .milliseconds(1))
        }
        return Double(most) / 1024
    }
}
