import Glibc
import Host
import JSONText

/// The command line of a machine, to be started without a node.
struct HandLaunch: Sendable {
    let executable: String
    let arguments: [String]

    /// That of the one machine that runs below the place's directory.
    static func ofRunningMachine(in place: Workplace) throws -> HandLaunch {
        let processes = MachineProcesses.running(below: place.directory)
        guard processes.count == 1, let process = processes.first,
            let line = ProcessStatus.commandLine(pid: process.pid),
            let executable = Files.target(ofLink: "/proc/\(process.pid)/exe"),
            let directory = Files.target(ofLink: "/proc/\(process.pid)/cwd")
        else { throw BenchmarkFailure("one machine should run, there are \(processes.count)") }
        return HandLaunch(
            executable: executable, arguments: line.dropFirst().map { resolved($0, from: directory) })
    }

    /// A file beside the machine's directory by its whole path, which outlives that directory.
    private static func resolved(_ argument: String, from directory: String) -> String {
        var parts = directory.split(separator: "/")
        var rest = argument[...]
        while rest.hasPrefix("../") {
            rest = rest.dropFirst(3)
            _ = parts.popLast()
        }
        return rest.count == argument.count ? argument : "/" + parts.joined(separator: "/") + "/" + rest
    }

    /// Starts it in a directory of its own, and ends it.
    ///
    /// - Returns: Milliseconds from the fork until QEMU said that the guest runs.
    func run(in place: Workplace) async throws -> Double {
        let directory = try place.makeDirectory("hand")
        let socket = "\(directory)/\(try driverSocket)"
        let watch = Stopwatch()
        let process = try place.spawn(
            executable, arguments, environment: ChildProcess.plainEnvironment, output: "\(directory)/log",
            directory: directory)
        let result = await place.blocking.run { () -> Result<Double, BenchmarkFailure> in
            do throws(BenchmarkFailure) {
                try MonitorSession.waitUntilRunning(socket)
                return .success(watch.milliseconds)
            } catch {
                return .failure(BenchmarkFailure("\(error)\n\(Files.text("\(directory)/log") ?? "")"))
            }
        }
        try process.send(SIGKILL)
        _ = await process.waitForEnd()
        return try result.get()
    }

    /// The socket that the first monitor of the command line listens at, in its working directory.
    private var driverSocket: String {
        get throws {
            for argument in arguments where argument.hasPrefix("socket,id=mon0,") {
                let path = argument.split(separator: ",").first { $0.hasPrefix("path=") }
                if let path { return String(path.dropFirst(5)) }
            }
            throw BenchmarkFailure("the machine's command line names no monitor socket: \(arguments)")
        }
    }
}
