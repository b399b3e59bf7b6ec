public import Fleet
public import Hypervisor
public import Manifest
public import Primitives
public import Raft
public import Reconcile
public import Wire

/// Names one caller that waits for an answer; given out by the shell, never used twice.
public struct Waiter: Hashable, Comparable, Sendable {
    public let number: UInt64

    public init(_ number: UInt64) {
        self.number = number
    }

    public static func < (left: Waiter, right: Waiter) -> Bool { left.number < right.number }
}

/// Everything that can happen to a node.
public enum ReplicaInput: Sendable {
    /// ``ReplicaTiming/tickMilliseconds`` have passed. After a stall the shell sends one, not all that it missed.
    case tick
    /// A message of another member, whose key the mesh has proven.
    case message(from: NodeID, PeerMessage)
    /// The mesh gave up a message to this member.
    case unreachable(NodeID)
    /// The connections to the other members, as the mesh sees them now.
    case peers([NodeID: PeerObservation])
    /// The journal has made this work durable.
    case appended(Message)
    /// The journal holds the snapshot that ``ReplicaEffect/saveSnapshot(_:)`` asked for.
    case snapshotSaved(Snapshot)
    /// It could not be stored; the log is kept as long as it is.
    case snapshotFailed
    /// A snapshot of another member has arrived whole, its checks hold, and this is the state that it holds.
    case snapshotReceived(from: NodeID, Message, Fleet)
    /// The transfer of the snapshot of this index to this member has ended.
    case snapshotSent(to: NodeID, index: LogIndex, isDelivered: Bool)
    /// The disk has no room for another piece of the log, or has it again.
    case diskShort(Bool)
    /// A caller wants a change of the cluster's state.
    case write(Waiter, WriteSubmission)
    /// A caller wants to see a state that is at least as new as this moment.
    case read(Waiter)
    /// The first look at all machines of this host.
    case observedAll([MachineObservation])
    /// A look at one machine, because it changed or because it was asked for.
    case observed(MachineObservation)
    /// A machine may have changed.
    case machineChanged(UID)
    /// The driver has done, or failed at, what ``ReplicaEffect/perform(_:_:)`` asked for; with a look taken afterwards.
    case machineDone(UID, MachineFailure?, MachineObservation)
    /// The image store has fetched, or failed to fetch, what it was asked for.
    case image(ImageOrder, ImageShelf.Holding)
    /// The fetch of a Git repository has ended.
    case sourceFetched(SourceOrder, SourceAnswer)
    /// A user wants the Git repository of this name fetched now, if this node leads; the answer is
    /// ``ReplicaEffect/sourceAnswered(_:_:)``.
    case sourceWanted(String, RequestID, Waiter)
    /// What this host has, for the node's status.
    case facts(NodeFacts)
    /// What a user asks of this machine; the answer is ``ReplicaEffect/requested(_:_:)``.
    case request(MachineRequest, UID, Waiter)
    /// The node is about to end and takes its machines down first.
    case haltMachines
    /// The node is about to end: if it leads, another is to lead, without an election that waits for its silence.
    case handOver
}

/// A write as the shell hands it in.
public struct WriteSubmission: Equatable, Sendable {
    public var request: RequestID
    /// The caller's key, proven by the mesh.
    public var author: PublicKey
    public var command: Command

    public init(request: RequestID, author: PublicKey, command: Command) {
        self.request = request
        self.author = author
        self.command = command
    }
}

/// What a host has, as its agent found it.
public struct NodeFacts: Equatable, Sendable {
    public var version: String
    public var capacity: NodeResources
    /// What machines may use.
    public var allocatable: NodeResources
    public var accelerator: String?
    /// Why no machine can run here; nil if the driver is available.
    public var hypervisorProblem: String?
    public var addresses: [String]

    public init(
        version: String, capacity: NodeResources, allocatable: NodeResources, accelerator: String?,
        hypervisorProblem: String?, addresses: [String]
    ) {
        self.version = version
        self.capacity = capacity
        self.allocatable = allocatable
        self.accelerator = accelerator
        self.hypervisorProblem = hypervisorProblem
        self.addresses = addresses
    }
}

/// An image that a machine of this node needs.
public struct ImageOrder: Hashable, Sendable {
    public var name: String
    public var spec: ImageSpec

    public init(name: String, spec: ImageSpec) {
        self.name = name
        self.spec = spec
    }
}

/// When an input is handled.
struct Moment: Equatable, Sendable {
    /// Monotonic; never earlier than with the input before.
    var now: Instant
    /// Civil time; may jump. It labels, and nothing waits for it.
    var wall: WallTime
}
