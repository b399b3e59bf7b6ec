import Hypervisor
import Primitives
import Raft
import Reconcile
import Replica

/// Something that happens at a moment.
///
/// What belongs to one run of a node's agent names that run, and does nothing once it is over.
enum SimulationEvent {
    case tick(AgentRun)
    case lookAtPeers(AgentRun)
    /// A frame arrives; the agent that runs there then gets it.
    case deliver([UInt8], from: Int, to: Int)
    case input(ReplicaInput, AgentRun)
    /// The node takes what has gathered.
    case takeInbox(AgentRun)
    /// The journal is done with its group.
    case journalDone(AgentRun)
    /// It asks for space again.
    case spaceWanted(AgentRun)
    /// Nothing was written for a while after this many writes.
    case sealJournal(AgentRun, writes: Int)
    /// The file of a snapshot is complete.
    case snapshotWritten(AgentRun)
    /// A snapshot on its way to another node arrives, or is cut.
    case transferEnds(Int)
    case driverBegins(UID, MachineWork, AgentRun)
    case driverDone(UID, MachineFailure?, AgentRun)
    case look(UID, AgentRun)
    /// The driver says that a machine has changed.
    case machineChanged(UID, node: Int)
    case userActs(Int)
    case userWaited(Int, attempt: UInt64)
    case operatorActs
    case strike(SimulationSchedule.Strike)
    case heal(Wound)
    case restart(node: Int)
    case resume(AgentRun)
    case restartMachine(UID, node: Int)
    /// A plan is asked for.
    case planAsked
    /// Someone pushes a commit to the repository that the cluster follows.
    case sourcePushed
    /// A fetch of it ends.
    case sourceFetched(SourceOrder, AgentRun)
    case endOfFaults
    case checkConvergence
}

/// One run of a node's agent, from a start to its crash.
struct AgentRun: Equatable {
    var node: Int
    var number: Int
}
