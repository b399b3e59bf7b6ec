import Glibc
import Host
import JSONText
import Primitives
import Synchronization
import TestFiles
import Testing

/// A cluster of real node processes in a directory of its own, with ports and a context file of its own.
///
/// Whoever makes one ends it with ``end()``; one that was forgotten is ended when the tests' process exits.
final class TestCluster: Sendable {
    /// What `up` and the tests call its nodes: 1, 2, 3.
    let nodes: [Int]
    let hypervisor: String
    let basePort: Int
    /// Everything that belongs to it lies under it.
    let root: String
    /// What nodes that the test starts itself find in their environment besides.
    let nodeEnvironment: [String: String]
    private let state = Mutex(State())

    private struct State {
        /// Node processes that the test started itself, which come before those of `up`.
        var children: [Int: RunningProgram] = [:]
        /// The command lines of nodes that were seen running, without the program's name.
        var arguments: [Int: [String]] = [:]
        var runs = 0
        /// Everything that was started. A child that nobody reaps keeps the testing library from seeing the end of its
        /// own children.
        var programs: [RunningProgram] = []
    }

    init(nodes count: Int, hypervisor: String, nodeEnvironment: [String: String] = [:]) throws {
        self.nodeEnvironment = nodeEnvironment
        nodes = Array(1...count)
        self.hypervisor = hypervisor
        basePort = try FreePorts.base(count: count)
        var template = Array("/tmp/blixard-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestFailure("no temporary directory can be made") }
        root = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        for name in ["config", "state", "output"] { mkdir(root + "/" + name, 0o700) }
        OpenClusters.add(self)
    }

    /// The state directory of `up`.
    var dataDirectory: String { root + "/data" }
    func port(of node: Int) -> Int { basePort + node - 1 }
    func bootstrapPort(of node: Int) -> Int { port(of: node) + 1000 }
    func directory(of node: Int) -> String { "\(dataDirectory)/node-\(node)" }
    func registry(of node: Int) -> String { "\(directory(of: node))/node-\(node)-registry.json" }

    // MARK: Commands

    var environment: [String: String] {
        var environment = [
            "PATH": getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin", "HOME": root,
            "LC_ALL": "C", "XDG_CONFIG_HOME": root + "/config", "XDG_STATE_HOME": root + "/state",
            "BLIXARD_CONTEXT": root + "/config/context.json", "USER": "tester",
        ]
        // What programs that link the Swift runtime dynamically may need to start.
        if let libraries = getenv("LD_LIBRARY_PATH") { environment["LD_LIBRARY_PATH"] = String(cString: libraries) }
        return environment
    }

    /// Starts the program.
    ///
    /// - Parameter changes: Variables that are added to the environment or put in the place of what it holds.
    func start(_ arguments: [String], environment changes: [String: String] = [:]) throws -> RunningProgram {
        let number = state.withLock { state in
            state.runs += 1
            return state.runs
        }
        let program = try RunningProgram(
            BuiltProgram.path, arguments, environment: environment.merging(changes) { $1 },
            outputBase: "\(root)/output/\(number)")
        state.withLock { $0.programs.append(program) }
        return program
    }

    /// Runs the program to its end.
    func run(_ arguments: [String], environment changes: [String: String] = [:]) async throws -> ProgramResult {
        let program = try start(arguments, environment: changes)
        defer { program.kill() }
        return try await program.result(within: .seconds(150))
    }

    /// Runs the program with words that hold no spaces.
    func run(_ line: String, environment changes: [String: String] = [:]) async throws -> ProgramResult {
        try await run(line.split(separator: " ").map(String.init), environment: changes)
    }

    /// Runs a command that must succeed, and answers its standard output.
    @discardableResult
    func succeed(_ line: String) async throws -> String {
        let result = try await run(line)
        guard result.exitCode == 0 else { throw TestFailure("blixard \(line): \(result)\n\(logs)") }
        return result.output
    }

    /// What a command answers with `-o json`.
    func json(_ line: String) async throws -> JSON { try JSON(parsing: try await succeed(line + " -o json")) }

    /// Waits until a command succeeds; nobody may lead just now.
    @discardableResult
    func eventuallySucceeds(_ line: String) async throws -> String {
        try await eventually("success of: blixard \(line)") {
            let result = try await run(line)
            guard result.exitCode == 0 else { throw NotYet("\(result)\n\(logs)") }
            return result.output
        }
    }

    /// Starts the cluster with `up --detach`.
    @discardableResult
    func up(_ arguments: [String] = []) async throws -> ProgramResult {
        let result = try await run(
            [
                "up", "--detach", "--nodes", "\(nodes.count)", "--hypervisor", hypervisor, "--data-dir", dataDirectory,
                "--base-port", "\(basePort)",
            ] + arguments)
        guard result.exitCode == 0 else { throw TestFailure("up: \(result)\n\(logs)") }
        return result
    }

    /// The last words of every node, for a failure's message.
    var logs: String {
        nodes.map { "--- node-\($0)\n" + TextFile.tail(logFile(of: $0), lines: 12) }.joined(separator: "\n")
    }

    private func logFile(of node: Int) -> String {
        if let own = state.withLock({ $0.children[node] }) { return own.errorPath }
        return "\(dataDirectory)/node-\(node).log"
    }

    // MARK: Node processes

    /// The node's process; nil if there is none.
    func processID(of node: Int) -> Int32? {
        if let child = state.withLock({ $0.children[node] }) { return child.exitCode == nil ? child.pid : nil }
        guard let text = TextFile.read("\(dataDirectory)/node-\(node).pid"),
            let pid = (try? JSON(parsing: text))?["pid"]?.integer.flatMap({ Int32(exactly: $0) }),
            let words = ProcessStatus.commandLine(pid: pid), words.contains(directory(of: node))
        else { return nil }
        state.withLock { $0.arguments[node] = Array(words.dropFirst()) }
        return pid
    }

    /// Sends a signal to the node's process and waits for its end.
    func end(_ node: Int, by signal: Int32) async throws {
        guard let pid = processID(of: node) else { throw TestFailure("node-\(node) does not run\n\(logs)") }
        kill(pid, signal)
        try await eventually("the end of node-\(node)") {
            // An own child is reaped by the look. Without its last thread it has no command line, but may hold its
            // ports.
            _ = processID(of: node)
            if HostProcess.isAlive(pid) { throw NotYet("process \(pid) is there\n\(logs)") }
        }
    }

    /// Starts a node with the command line that it had before.
    func restart(_ node: Int) throws {
        guard let arguments = state.withLock({ $0.arguments[node] }) else {
            throw TestFailure("node-\(node) has not run yet")
        }
        try startNode(node, arguments)
    }

    /// Starts a node with a command line.
    func startNode(_ node: Int, _ arguments: [String]) throws {
        let program = try start(arguments, environment: nodeEnvironment)
        state.withLock { state in
            state.children[node] = program
            state.arguments[node] = arguments
        }
    }

    /// What a node that the test started has printed.
    func program(of node: Int) -> RunningProgram? { state.withLock { $0.children[node] } }

    // MARK: The end

    /// Ends every process of the cluster, machines too, and removes its directory.
    func end() {
        for node in nodes {
            if let pid = processID(of: node) { kill(pid, SIGKILL) }
        }
        for program in state.withLock({ $0.programs }) { program.kill() }
        // Nobody is left that would start them again.
        for node in nodes {
            let machines = directory(of: node) + "/machines"
            for name in TextFile.names(in: machines) {
                let machine = machines + "/" + name
                if let pid = HostProcess.machine(in: machine) { kill(pid, SIGKILL) }
            }
        }
        OpenClusters.remove(self)
        guard getenv("BLIXARD_KEEP") == nil else {
            print("kept: \(root)")
            return
        }
        TextFile.remove(tree: root)
    }
}

/// Clusters that have not been ended yet.
enum OpenClusters {
    private static let open = Mutex<[String: TestCluster]>([:])
    private static let atExit: Void = { atexit { OpenClusters.endAll() } }()

    static func add(_ cluster: TestCluster) {
        _ = atExit
        open.withLock { $0[cluster.root] = cluster }
    }

    static func remove(_ cluster: TestCluster) { open.withLock { _ = $0.removeValue(forKey: cluster.root) } }

    private static func endAll() {
        for cluster in open.withLock({ Array($0.values) }) { cluster.end() }
    }
}
