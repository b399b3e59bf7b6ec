import API
import Host
import Primitives
import Synchronization

/// One real node process on this host.
final class LocalNode: Sendable {
    let id: UInt64
    /// Of the mesh, and of the plain port with `/metrics`.
    let ports: (mesh: Int, plain: Int)
    let dataDirectory: String
    let log: String
    private let hypervisor: String
    private let state = Mutex(State())

    private struct State {
        var key: PublicKey?
        var process: ProcessHandle?
    }

    init(id: UInt64, ports: (mesh: Int, plain: Int), directory: String, hypervisor: String) {
        self.id = id
        self.ports = ports
        self.hypervisor = hypervisor
        dataDirectory = "\(directory)/node-\(id)"
        log = "\(directory)/node-\(id).log"
    }

    var name: String { "node-\(id)" }
    var address: String { "127.0.0.1:\(ports.mesh)" }

    /// The flags of the node. It says that it has room for any number of machines, and this host need not have it.
    var arguments: [String] {
        [
            "--id", String(id), "--bind", address, "--bootstrap-bind", "127.0.0.1:\(ports.plain)",
            "--data-dir", dataDirectory, "--hypervisor", hypervisor, "--cpus", "4000", "--memory", "4Ti",
        ]
    }

    /// Known once the cluster knows the node.
    var key: PublicKey? {
        get { state.withLock { $0.key } }
        set { state.withLock { $0.key = newValue } }
    }

    var endpoint: Endpoint { Endpoint(key: key, addresses: [address], name: name) }

    func start(in place: Workplace, environment: [String]) throws {
        let process = try place.spawn(
            place.program, ["node"] + arguments, environment: environment, output: log)
        place.remember(log: log)
        state.withLock { $0.process = process }
    }

    /// - Throws: if it does not run.
    var process: ProcessHandle {
        get throws {
            guard let process = state.withLock({ $0.process }) else {
                throw BenchmarkFailure("\(name) was not started")
            }
            if let end = process.end { throw BenchmarkFailure("\(name) ended: \(end)") }
            return process
        }
    }

    /// How its process ended; nil while it runs, and before it was started.
    var end: ProcessEnd? { state.withLock { $0.process?.end } }

    var metrics: NodeMetrics {
        get throws { try NodeMetrics.read(port: ports.plain) }
    }

    /// What of its memory is in the host's, as the kernel says it.
    var residentMebibytes: Double {
        get throws {
            let pid = try process.pid
            guard let kibibytes = Files.kibibytes("VmRSS", in: "/proc/\(pid)/status") else {
                throw BenchmarkFailure("/proc/\(pid)/status has no VmRSS")
            }
            return Double(kibibytes) / 1024
        }
    }

    var use: ProcessUse {
        get throws { try ProcessUse.read(process.pid) }
    }
}
