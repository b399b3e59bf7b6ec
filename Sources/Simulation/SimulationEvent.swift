import Hypervisor
import Primitives
import Replica

/// Something that happens at a moment.
///
/// What belongs to one run of a node's agent names that run, and does nothing once it is over.
enum SimulationEvent {
    case tick(AgentRun)
    case lookAtPeers(AgentRun)
    /// A frame arrives; whoever runs there then gets it.
    case deliver([UInt8], from: Int, to: Int)
    case input(ReplicaInput, AgentRun)
    /// The journal begins with what is queued, or is done with it.
    case journalDone(AgentRun)
    case driverBegins(UID, MachineWork, AgentRun)
    case driverDone(UID, MachineFailure?, AgentRun)
    case look(UID, AgentRun)
    /// The driver says that a machine has changed.
    case machineChanged(UID, node: Int)
    case userActs(Int)
    case userWaited(Int, attempt: UInt64)
    case strike
    case heal(Wound)
    case restart(node: Int)
    case resume(AgentRun)
    case restartMachine(UID, node: Int)
    case endOfFaults
    case checkConvergence
}

/// One run of a node's agent, from a start to its crash.
struct AgentRun: Equatable {
    var node: Int
    var number: Int
}
