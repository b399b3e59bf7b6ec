import ArgumentParser
import Contract
import JSONText
import Primitives

/// `blixard cluster remove`: takes a node out of the cluster, for good.
struct ClusterRemove: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Take a node out of the cluster, for good: its id never counts again.",
        discussion: """
            Say it of a node that is lost, or that was stopped together with its machines. Machines that are bound to \
            it stay bound to its name, because their disks were there: they run nowhere until another node takes the \
            name over, or you delete them.

            A node whose disk was replaced comes back like this, with a new key and a new id:
              blixard cluster remove node-3
              blixard ticket create --for-node node-3 >ticket
              blixard node --bind 10.0.0.3:7001 --data-dir data --join-ticket @ticket    (on its host)
            Its machines start there anew, under a higher epoch; what their old disks held is gone.

            Examples:
              blixard cluster remove node-3
            """)

    @Argument(help: "The node's name.", completion: .objects)
    var name: String

    @Flag(help: "Remove it although it answers: only if you know that its machines run no longer.")
    var force = false

    @Option(
        help: ArgumentHelp(
            "Only the member of this number, which no other ever gets: removing it again changes nothing.",
            valueName: "number"))
    var id: UInt64?

    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        guard !name.isEmpty, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") }) else {
            throw CommandFailure.error("\"\(name)\" is no node's name")
        }
        let client = try ClusterClient.open(connectionOptions, in: world)
        let id = if let id { id } else { try await memberID(client) }
        let answer: Answered<RemovalAnswer>
        do {
            // The number makes it safe to repeat, so it may have an id under which the client repeats it.
            answer = try await client.connection.post(
                .removal(node: name), RemovalRequest(id: id, isForced: force),
                request: RequestReference(random: world.randomBytes(16), baseRevision: nil))
        } catch {
            guard error.isOutcomeUnknown else { throw error }
            throw CommandFailure(text: explanation(of: error, id: id, world))
        }
        await client.close()
        try world.output.line("node.blixard.dev/\(name) removed from the cluster")
        let machines = answer.body.machines
        guard !machines.isEmpty else { return }
        try world.output.lines(
            "still bound to its name: \(machines.map(\.harmless).joined(separator: ", "))\n"
                + "another node takes them over with: blixard ticket create --for-node \(name)")
    }

    /// The number of the member that has the name now.
    private func memberID(_ client: ClusterClient) async throws -> UInt64 {
        let nodes = try await client.clusterState(.linearizable).body.nodes
        guard let node = nodes.first(where: { $0.member.name == name }) else {
            throw CommandFailure(
                text: "Error from server (NotFound): \"\(name)\" is the name of no member; "
                    + "`blixard cluster status` lists them")
        }
        return node.member.id
    }

    private func explanation(of failure: ClientFailure, id: UInt64, _ world: World) -> String {
        """
        error: outcome unknown: it may still take effect
        \(failure.text)
        Repeat it and it takes effect once:
          \(ShellWords.command(repeating: world.arguments, option: "--id", value: String(id)))
        """
    }
}
