import API
import ArgumentParser
import Host

/// How long a list of many machines takes at the command line.
struct GetBenchmark: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "`blixard get vms` with 1,000 machines, process start included.")
    static let method =
        "three node processes on loopback with running simulated machines; wall time of the whole command, from fork "
        + "to its end, output into a file"

    @OptionGroup var options: BenchmarkOptions

    static func measure(in place: Workplace) async throws -> Report {
        let cluster = try await LocalCluster.start(nodes: 3, hypervisor: "simulated", in: place)
        let client = cluster.client(first: try await cluster.leader())
        let count = place.size(1000, smoke: 20)
        let documents = (0..<count).map { LocalCluster.machine("vm-\($0)", memory: "64Mi") }
        let answer = try await cluster.apply(documents, by: client)
        _ = try await cluster.untilRunning(count, after: answer.revision, by: client)
        client.close()
        try await cluster.settle()
        var report = Report()
        let rounds = place.rounds(20, smoke: 2)
        let version = try await measure(["version", "--client"], rounds, cluster) { !$0.isEmpty }
        // A line for each machine, and the header.
        let get = try await measure(["get", "vms"], rounds, cluster) { $0.split(separator: "\n").count == count + 1 }
        report.add("blixard version --client", "ms", version.wall)
        report.add("blixard get vms (\(count))", "ms", get.wall)
        report.add("  its own processor time", "ms", get.own)
        report.add("  processor time of the three nodes meanwhile", "ms", get.nodes)
        report.goal(
            "`blixard get vms` of \(count) machines in less than 60 ms (median)",
            "\(Report.number(get.wall.median)) ms", isMet: get.wall.median < 60)
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
}
