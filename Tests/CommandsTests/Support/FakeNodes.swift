import Primitives
import Synchronization

@testable import Commands

/// Founds clusters that are not there.
final class FakeNodes: NodeRuntime {
    static func key(_ id: UInt64) -> PublicKey { PublicKey(Array(repeating: UInt8(id), count: 32))! }

    private let seen = Mutex<[NodeConfiguration]>([])

    var configurations: [NodeConfiguration] { seen.withLock { $0 } }

    func initializeCluster(
        _ configuration: NodeConfiguration, administrator: PublicKey, administratorName: String
    ) async throws -> FoundedCluster {
        seen.withLock { $0.append(configuration) }
        let id = configuration.id ?? 1
        return FoundedCluster(
            clusterID: "0123456789abcdef",
            member: ContextMember(
                id: id, name: configuration.name ?? "node-\(id)", key: Self.key(id),
                addresses: configuration.bind.map { [$0] } ?? []))
    }

    func runNode(_ configuration: NodeConfiguration) async throws { seen.withLock { $0.append(configuration) } }

    /// The machines that nodes leave, by data directory; those that can't be stopped say why.
    let left = Mutex<[String: [LeftMachine]]>([:])

    func machinesLeft(by configuration: NodeConfiguration) async throws -> [LeftMachine] {
        left.withLock {
            ($0[configuration.dataDirectory] ?? []).map { LeftMachine(uid: $0.uid, pid: $0.pid, problem: nil) }
        }
    }

    func stopMachines(leftBy configuration: NodeConfiguration) async throws -> [LeftMachine] {
        left.withLock { left in
            left[configuration.dataDirectory]?.removeAll { $0.problem == nil }
            return left[configuration.dataDirectory] ?? []
        }
    }
}

/// Processes that only a test starts and ends.
final class FakeProcesses: ProcessControl {
    final class Process: RunningProcess {
        let record: ProcessRecord
        let arguments: [String]
        let environment: [String]
        private let ending = Mutex<ProcessEnding?>(nil)

        init(pid: Int32, arguments: [String], environment: [String]) {
            record = ProcessRecord(pid: pid, startTicks: UInt64(pid) * 10, bootID: "boot")
            self.arguments = arguments
            self.environment = environment
        }

        var end: ProcessEnding? { ending.withLock { $0 } }

        func end(_ how: String) {
            ending.withLock {
                $0 = ProcessEnding(text: how, exitCode: how.hasPrefix("exit code ") ? Int32(how.dropFirst(10)) : nil)
            }
        }

        func waitForEnd(milliseconds: Int64) async -> ProcessEnding? { end }
        func terminate() { end("signal 15") }
        func kill() { end("signal 9") }
    }

    private struct State {
        var started: [Process] = []
        var isLocked = false
        /// Started by another than `up`: the log's lock of a node's directory, and its process.
        var holders: [String: Process] = [:]
    }

    private let state = Mutex(State())
    let programs: Set<String>
    let takenPorts: Set<Int>
    let endsAtOnce: Bool
    /// How nodes end as soon as they are started, by their ids.
    let endings = Mutex<[String: String]>([:])

    init(
        programs: Set<String> = ["qemu-system-x86_64"], takenPorts: Set<Int> = [], endsAtOnce: Bool = false
    ) {
        self.programs = programs
        self.endsAtOnce = endsAtOnce
        self.takenPorts = takenPorts
    }

    var started: [Process] { state.withLock { $0.started } }

    func spawnNode(arguments: [String], environment: [String], log: String) throws(FileFailure) -> any RunningProcess {
        state.withLock { state in
            let process = Process(pid: Int32(100 + state.started.count), arguments: arguments, environment: environment)
            if endsAtOnce { process.end("exit code 1") }
            if let flag = arguments.firstIndex(of: "--id"), let end = endings.withLock({ $0[arguments[flag + 1]] }) {
                process.end(end)
            }
            state.started.append(process)
            return process
        }
    }

    func find(_ record: ProcessRecord) throws(FileFailure) -> (any RunningProcess)? {
        started.first { $0.record == record && $0.end == nil }
    }

    func hold(_ lockFile: String, by process: Process?) { state.withLock { $0.holders[lockFile] = process } }

    func holder(of lockFile: String) throws(FileFailure) -> (any RunningProcess)? {
        state.withLock { $0.holders[lockFile] }.flatMap { $0.end == nil ? $0 : nil }
    }

    /// What a program does with two directories.
    let differ = Mutex<@Sendable (String, String, String) -> ProcessEnding>({ _, _, _ in
        ProcessEnding(text: "exit code 0", exitCode: 0)
    })
    /// What an editor does with a file's text; a nil text ends it with a failure.
    let editor = Mutex<@Sendable (String) -> String?>({ $0 })
    /// The commands that were run, with the texts that they found.
    let edits = Mutex<[(command: String, path: String, text: String)]>([])

    func runInForeground(
        _ command: String, arguments: [String], environment: [String: String]
    ) async throws(FileFailure) -> ProcessEnding {
        if arguments.count == 2 { return differ.withLock { $0 }(command, arguments[0], arguments[1]) }
        let file = arguments[0]
        let text = String(decoding: try LocalFiles.read(file, limit: 1 << 20), as: UTF8.self)
        edits.withLock { $0.append((command, file, text)) }
        guard let edited = editor.withLock({ $0 })(text) else { return ProcessEnding(text: "exit code 1", exitCode: 1) }
        try LocalFiles.overwrite(file, with: edited)
        return ProcessEnding(text: "exit code 0", exitCode: 0)
    }

    func isPortFree(_ port: Int) -> Bool { !takenPorts.contains(port) }
    func hasProgram(_ name: String, path: String) -> Bool { programs.contains(name) }

    func lock(_ file: String) throws(FileFailure) -> (any DirectoryOwnership)? {
        let taken = state.withLock { state in
            defer { state.isLocked = true }
            return state.isLocked
        }
        return taken ? nil : Ownership { self.state.withLock { $0.isLocked = false } }
    }

    private struct Ownership: DirectoryOwnership {
        let letGo: @Sendable () -> Void
        func release() { letGo() }
    }

    /// A host may have more or fewer of them the next time.
    let processors = Mutex(6)
    var processorCount: Int { processors.withLock { $0 } }
    var memoryBytes: Int64 { 8 << 30 }
    var machineArchitecture: String { "x86_64" }
}
