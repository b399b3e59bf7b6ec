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
        if let problem = Program.problem(inWords: words()) { exit(Program.refuse(problem, in: world)) }
        if let problem = descriptorProblem() { exit(Program.refuse(problem, in: world)) }
        exit(await Program.run(in: world))
    }

    /// The command line without the program's name, as the system hands it over.
    private static func words() -> [[UInt8]] {
        (1..<max(1, Int(CommandLine.argc))).compactMap { position in
            CommandLine.unsafeArgv[position].map { word in
                Array(UnsafeBufferPointer(start: word, count: strlen(word))).map(UInt8.init(bitPattern:))
            }
        }
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
