public import Fleet
public import Hypervisor
public import Primitives
public import Raft
public import Reconcile
public import Wire

/// Everything that a node does, to be performed in the order in which it is given.
public enum ReplicaEffect: Sendable {
    /// Hand a message to the mesh; it may get lost.
    case send(to: NodeID, PeerMessage)
    /// Make this work durable and answer with ``ReplicaInput/appended(_:)``; later work never overtakes earlier.
    case append(AppendWork)
    /// Stream a snapshot to a member over a connection of its own, and answer with
    /// ``ReplicaInput/snapshotSent(to:index:isDelivered:)``. A later one for the same member replaces one under way.
    case sendSnapshot(to: NodeID, Message)
    /// Encode and store a snapshot aside, then answer with ``ReplicaInput/snapshotSaved(_:)``.
    case saveSnapshot(SnapshotOrder)
    /// A write is decided.
    case answer(Waiter, WriteResult)
    /// A read may look at the state now, or never will.
    case readable(Waiter, ReadResult)
    /// A request for a machine is refused, or taken and recorded; nil if the machine is not one of this node's.
    case requested(Waiter, RequestVerdict?)
    /// Ask the driver; the answer is ``ReplicaInput/machineDone(_:_:_:)``, or ``ReplicaInput/observed(_:)`` for a look.
    case perform(UID, MachineWork)
    /// Ask the image store; the answer is ``ReplicaInput/image(_:_:)``.
    case fetch(ImageOrder)
    /// No machine waits for the answer to this order any more: what is under way for it can end.
    case giveUp(ImageOrder)
    /// Fetch a Git repository and read its manifests; the answer is ``ReplicaInput/sourceFetched(_:_:)``.
    case fetchSource(SourceOrder)
    /// What becomes of the request that a Git repository be fetched now.
    case sourceAnswered(Waiter, SourceVerdict)
    /// The state has moved to this revision.
    case stateChanged(revision: UInt64)
    /// Members or keys have changed: admit and dial accordingly.
    case membersChanged
    /// No machine of this host has a process any more.
    case machinesHalted
    /// For the log.
    case notice(ReplicaNotice)
    /// The node can't go on and must end; nothing is to be done after this.
    case stop(reason: String)
}

/// What the journal is to make durable, as one step.
public struct AppendWork: Sendable {
    /// Entries, hard state and snapshot; the answer names it.
    public var message: Message
    /// The hash of the state that the message's snapshot holds; nil if it holds none.
    public var snapshotStateHash: UInt64?
    /// Whether a commit index that comes alone is to be durable as well; others go along with what is written next.
    public var writesCommit: Bool

    public init(message: Message, snapshotStateHash: UInt64?, writesCommit: Bool) {
        self.message = message
        self.snapshotStateHash = snapshotStateHash
        self.writesCommit = writesCommit
    }
}

public enum MachineWork: Equatable, Sendable {
    case look
    case start(MachineSpec)
    case resume
    case stop(graceMilliseconds: Int64)
    case delete

    /// The word that plans use for it.
    public var verb: String {
        switch self {
        case .look: MachineAction.look.verb
        case .start: MachineAction.start.verb
        case .resume: MachineAction.resume.verb
        case .stop(let grace): MachineAction.stop(graceMilliseconds: grace).verb
        case .delete: MachineAction.delete.verb
        }
    }
}

/// The fleet's own answer to a write that is committed and applied, which may be a refusal; or why there is none.
public typealias WriteResult = Result<CommandOutcome, WriteFailure>

public enum ReadResult: Equatable, Sendable {
    case ready
    case noQuorum(connected: Int, voters: Int)
}

/// A state of the fleet that is to be stored, with the place in the log that it stands for.
public struct SnapshotOrder: Sendable {
    public var metadata: SnapshotMetadata
    public var fleet: Fleet

    public init(metadata: SnapshotMetadata, fleet: Fleet) {
        self.metadata = metadata
        self.fleet = fleet
    }
}

/// Something that an operator may want to find in the log.
public enum ReplicaNotice: Equatable, Sendable {
    case role(Role, term: Term, leader: NodeID?)
    case caughtUp(index: LogIndex)
    case membership(ConfState)
    case refusedMessage(from: NodeID, String)
    case machine(name: String, verb: String, reason: String)
    case machineFailed(name: String, verb: String, MachineFailure)
    case unknownMachine(UID, MachineState)
    case restoredSnapshot(index: LogIndex)
    case keptOlderSnapshot(index: LogIndex, String)
    case diskShort(Bool)
    case undeliveredSnapshot(to: NodeID, index: LogIndex)
}
