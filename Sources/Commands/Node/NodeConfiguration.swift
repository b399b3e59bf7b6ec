public import Primitives

/// How one node runs: flags, environment and configuration file in one value, checked.
public struct NodeConfiguration: Equatable, Sendable {
    /// The Raft id that the node says it has; nil for what its data directory or the cluster says.
    public var id: UInt64?
    /// The name of its Node object; nil for `node-<id>`.
    public var name: String?
    /// The mesh port, `host:port`; nil for the one that the node was founded or joined with.
    public var bind: String?
    /// Where its key, log and machines are.
    public var dataDirectory: String
    /// What lets it into a cluster, or `@` and the file that holds it. A node that is a member already has no use for
    /// it and passes it over, so the file is read only when the ticket is needed.
    public var joinTicket: String?
    /// The bootstrap address of a member (`http://host:port` or `host:port`).
    public var joinAddress: String?
    /// The key that the member at `joinAddress` must show.
    public var expectedKey: PublicKey?
    public var hypervisor: HypervisorName
    public var logLevel: String
    /// Plain HTTP for `/bootstrap`, `/healthz` and `/metrics`; nil for the bind port + 1000.
    public var bootstrapBind: String?
    /// Addresses that others dial; empty for those of the host's interfaces or the bound one.
    public var advertise: [String]
    /// The processors that its machines share; nil for all of the host's.
    public var cpus: Int?
    /// The memory that its machines share, in bytes; nil for the host's.
    public var memoryBytes: Int64?
    /// Directories of the node, absolute, below which images may have their source; empty for none.
    public var sourceDirectories: [String]

    /// What runs the machines.
    public enum HypervisorName: String, CaseIterable, Sendable {
        case qemu
        case simulated
    }

    public static let logLevels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]

    public init(bind: String?, dataDirectory: String) {
        self.bind = bind
        self.dataDirectory = dataDirectory
        hypervisor = .qemu
        logLevel = "info"
        advertise = []
        sourceDirectories = []
    }

    /// The ticket's text, from its file if it is in one; nil without a ticket.
    ///
    /// - Throws: If the file can't be read, or holds no ticket.
    public func readJoinTicket() throws(FileFailure) -> String? {
        guard let joinTicket else { return nil }
        return try TicketFile.text(of: joinTicket)
    }

    /// The command line that runs this node.
    var commandLine: [String] {
        var words = ["node"]
        if let id { words += ["--id", String(id)] }
        if let name { words += ["--name", name] }
        if let bind { words += ["--bind", bind] }
        words += ["--data-dir", dataDirectory, "--hypervisor", hypervisor.rawValue]
        if let bootstrapBind { words += ["--bootstrap-bind", bootstrapBind] }
        for address in advertise { words += ["--advertise", address] }
        if let cpus { words += ["--cpus", String(cpus)] }
        if let memoryBytes { words += ["--memory", String(memoryBytes)] }
        for directory in sourceDirectories { words += ["--source-dir", directory] }
        if logLevel != "info" { words += ["--log-level", logLevel] }
        return words
    }
}
