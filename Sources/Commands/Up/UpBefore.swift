/// What of a cluster was there before a command, and is to be there after it fails.
struct UpBefore {
    /// Whether a node or a machine ran.
    let anythingRan: Bool

    init(_ state: UpState, _ running: [UpProcess], in world: World) async throws {
        guard running.isEmpty, !state.clusterID.isEmpty else {
            anythingRan = !running.isEmpty
            return
        }
        for node in state.nodes {
            do {
                guard try await UpNodes(world: world).machinesLeft(by: node, in: state).isEmpty else {
                    anythingRan = true
                    return
                }
            } catch is NodeFailure {
                // What can't be told is taken to run, so that it is not stopped.
                anythingRan = true
                return
            }
        }
        anythingRan = false
    }
}
