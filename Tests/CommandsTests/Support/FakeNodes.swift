import Commands
import Primitives
import Synchronization

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

        func end(_ how: String) { ending.withLock { $0 = ProcessEnding(text: how, isClean: how == "exit code 0") } }

        func waitForEnd(milliseconds: Int64) async -> ProcessEnding? { end }
        func terminate() { end("signal 15") }
        func kill() { end("signal 9") }
    }

    private struct State {
        var started: [Process] = []
        var isLocked = false
    }

    private let state = Mutex(State())
    let programs: Set<String>
    let takenPorts: Set<Int>
    let endsAtOnce: Bool

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
            state.started.append(process)
            return process
        }
    }

    func find(_ record: ProcessRecord) throws(FileFailure) -> (any RunningProcess)? {
        started.first { $0.record == record && $0.end == nil }
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

    var processorCount: Int { 6 }
    var memoryBytes: Int64 { 8 << 30 }
    var machineArchitecture: String { "x86_64" }
}
