import Commands
import Glibc
import Host
import NIOCore

/// Where the program begins: everything it does is in `Commands`, and what a node does in `Agent`.
@main
enum BlixardProgram {
    static func main() async {
        Signals.ignoreBrokenPipe()
        // Each loop takes descriptors and a thread; clients need no more than two on any host.
        NIOSingletons.groupLoopCountSuggestion = 2
        let world = World.host(access: MeshAccess(), nodes: AgentRuntime())
        if let problem = descriptorProblem() { exit(Program.refuse(problem, in: world)) }
        exit(await Program.run(in: world))
    }

    /// Why this process has too few descriptors for any command; nil where it has enough.
    private static func descriptorProblem() -> String? {
        do throws(HostError) {
            let limit = try DescriptorLimit.raise()
            let least = DescriptorLimit.leastForCommands
            return limit < least ? DescriptorLimit.refusal(of: "blixard", limit: limit, least: least) : nil
        } catch {
            return "\(error)"
        }
    }
}
