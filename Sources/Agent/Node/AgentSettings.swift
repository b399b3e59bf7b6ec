import Journal
public import Mesh
import Replica

/// Everything that a node is told from outside, checked by the code that read it.
public struct AgentSettings: Sendable {
    public enum HypervisorChoice: String, Sendable, CaseIterable {
        case qemu
        case simulated
    }

    /// All that the node keeps lies under it.
    public var dataDirectory: String
    /// Where the mesh listens; nil takes what the node was founded or joined with.
    public var bind: HostPort?
    /// Where the bootstrap endpoint listens; nil is the mesh's address with its port + 1000.
    public var bootstrapBind: HostPort?
    /// Addresses that others dial; empty takes the bind address, or the host's own where that is a wildcard.
    public var advertise: [String]
    public var hypervisor: HypervisorChoice
    /// What machines may use of this host; nil is all of it.
    public var cpus: Int?
    public var memoryBytes: Int64?
    /// Absolute paths of the directories that images may be read from; empty for none.
    public var sourceDirectories: [String]
    /// For a node that has not joined yet.
    public var join: JoinSettings?
    public var version: String
    public var log: LogSize

    public init(
        dataDirectory: String, bind: HostPort?, bootstrapBind: HostPort?, advertise: [String],
        hypervisor: HypervisorChoice, cpus: Int?, memoryBytes: Int64?, sourceDirectories: [String],
        join: JoinSettings?, version: String, log: LogSize
    ) {
        self.dataDirectory = dataDirectory
        self.bind = bind
        self.bootstrapBind = bootstrapBind
        self.advertise = advertise
        self.hypervisor = hypervisor
        self.cpus = cpus
        self.memoryBytes = memoryBytes
        self.sourceDirectories = sourceDirectories
        self.join = join
        self.version = version
        self.log = log
    }
}

/// When the log is cut, and how its files are laid out; it may change from one start to the next.
public enum LogSize: Sendable {
    case standard
    /// For tests and demonstrations: cut where it would otherwise take thousands of entries, in files of 64 KiB.
    case small

    var snapshotPolicy: SnapshotPolicy {
        switch self {
        case .standard: .standard
        case .small: SnapshotPolicy(entries: 100, bytes: 256 << 10, trailingEntries: 10, trailingBytes: 64 << 10)
        }
    }

    var journal: JournalParameters {
        switch self {
        case .standard: .standard
        case .small: .small
        }
    }
}

/// How a new node gets into a cluster.
public struct JoinSettings: Sendable {
    public var ticket: Ticket
    /// Members that were found elsewhere, tried before those of the ticket.
    public var targets: [DialTarget]
    /// The name that the node would like to have.
    public var name: String?

    public init(ticket: Ticket, targets: [DialTarget], name: String?) {
        self.ticket = ticket
        self.targets = targets
        self.name = name
    }
}

/// Why a node could not start, join or go on, with what to do about it.
public struct AgentError: Error, Equatable, Sendable, CustomStringConvertible {
    public var description: String
    /// 70 for damage of the node's own data (EX_SOFTWARE of sysexits.h), 1 for everything else.
    public var exitCode: Int32

    public init(_ description: String, exitCode: Int32 = 1) {
        self.description = description
        self.exitCode = exitCode
    }

    static func of(_ error: any Error) -> AgentError {
        switch error {
        case let error as AgentError: error
        case let error as JournalError: AgentError("\(error)", exitCode: error.exitCode)
        default: AgentError("\(error)")
        }
    }
}
