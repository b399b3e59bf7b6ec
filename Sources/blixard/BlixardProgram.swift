import Commands
import Glibc
import Host

/// Where the program begins: everything it does is in `Commands`, and what a node does in `Agent`.
@main
enum BlixardProgram {
    static func main() async {
        Signals.ignoreBrokenPipe()
        exit(await Program.run(in: .host(access: MeshAccess(), nodes: AgentRuntime())))
    }
}
