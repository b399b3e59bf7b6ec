import API
import ArgumentParser
import Glibc
import Host
import JSONText

/// What a cluster adds to the start of a machine.
struct BootBenchmark: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "boot", abstract: "From apply to Running, against the same QEMU command line started by hand.")
    static let method =
        "one node process on loopback, built-in guest without a disk; from sending the apply until a watch shows "
        + "Running, against fork until QMP says `running` for the same arguments in a directory of its own; "
        + "in pairs, each side first in every other pair; and the whole command `blixard apply --wait` of such a "
        + "machine, from its fork to its end"

    @OptionGroup var options: BenchmarkOptions

    static func measure(in place: Workplace) async throws -> Report {
        let cluster = try await LocalCluster.start(nodes: 1, hypervisor: "qemu", in: place)
        let client = cluster.client()
        defer { client.close() }
        var managed: [Double] = []
        var byHand: [Double] = []
        var acknowledged: [Double] = []
        var processor: [Double] = []
        var commands: [Double] = []

        func command(_ name: String) async throws -> Double {
            let file = "\(try place.makeDirectory("manifest"))/machine.json"
            try Files.write(LocalCluster.machine(name, memory: "32Mi").canonicalBytes, to: file)
            let watch = Stopwatch()
            try await place.run(["apply", "-f", file, "--wait"], environment: cluster.environment)
            return watch.milliseconds
        }

        func boot(_ name: String) async throws -> (acknowledged: Double, running: Double) {
            let revision = try await cluster.revision(client)
            let applied = cluster.client()
            defer { applied.close() }
            // So that the time is not that of a connection's opening.
            _ = try await cluster.revision(applied)
            var watch = Stopwatch()
            var milliseconds = 0.0
            let moments = try await cluster.untilRunning(1, after: revision, by: client) {
                watch = Stopwatch()
                let machine = LocalCluster.machine(name, memory: "32Mi")
                milliseconds = try await cluster.apply([machine], by: applied).milliseconds
            }
            return (milliseconds, watch.milliseconds(until: moments[0]))
        }

        // The first start of all finds nothing in the page cache; it also shows the command line.
        _ = try await boot("boot-first")
        let launch = try HandLaunch.ofRunningMachine(in: place)
        try await cluster.deleteMachines(by: client)
        _ = try await launch.run(in: place)
        for round in 0..<place.rounds(30, smoke: 1) {
            if round % 2 == 1 { byHand.append(try await launch.run(in: place)) }
            let before = try cluster.use()
            let times = try await boot("boot-\(round)")
            processor.append(try cluster.use().processorMilliseconds - before.processorMilliseconds)
            try await cluster.deleteMachines(by: client)
            managed.append(times.running)
            acknowledged.append(times.acknowledged)
            commands.append(try await command("command-\(round)"))
            try await cluster.deleteMachines(by: client)
            if round % 2 == 0 { byHand.append(try await launch.run(in: place)) }
        }
        let differences = Samples(zip(managed, byHand).map { $0 - $1 })
        var report = Report()
        report.add("apply acknowledged", "ms", Samples(acknowledged))
        report.add("apply to Running", "ms", Samples(managed))
        report.add("by hand to running", "ms", Samples(byHand))
        report.add("difference of each pair", "ms", differences)
        report.add("the command apply --wait", "ms", Samples(commands))
        report.add("processor time of the node for one boot", "ms", Samples(processor))
        report.goal(
            "median difference less than 50 ms", "\(Report.number(differences.median)) ms",
            isMet: differences.median < 50)
        let command = Samples(commands).median
        report.goal("median of apply --wait less than 120 ms", "\(Report.number(command)) ms", isMet: command < 120)
        return report
    }
}
