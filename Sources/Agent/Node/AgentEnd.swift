/// Why a node ends by itself.
enum AgentEnd: Sendable {
    case machinesHalted
    case failed(AgentError)
}
