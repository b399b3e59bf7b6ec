import ArgumentParser
import JSONText

/// `blixard cluster remove`: takes a node out of the cluster, for good.
struct ClusterRemove: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Take a node out of the cluster, for good: its key never counts again.",
        discussion: """
            Say it of a node that is lost, or that was stopped together with its machines. Machines that are bound to \
            it stay bound to its name, because their disks were there: they run nowhere until another node takes the \
            name over, or you delete them.

            A node whose disk was replaced comes back like this, with a new key and a new id:
              blixard cluster remove node-3
              blixard ticket create --for-node node-3
              blixard node --bind 10.0.0.3:7001 --data-dir data --join-ticket blx1...    (on its host)
            Its machines start there anew, under a higher epoch; what their old disks held is gone.

            Examples:
              blixard cluster remove node-3
            """)

    @Argument(help: "The node's name.")
    var name: String

    @Flag(help: "Remove it although it answers: only if you know that its machines run no longer.")
    var force = false

    @OptionGroup var writeOptions: WriteOptions
    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        guard !name.isEmpty, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") }) else {
            throw CommandFailure.error("\"\(name)\" is no node's name")
        }
        let client = try ClusterClient.open(connectionOptions, in: world)
        let write = try await ClusterWrite(client, writeOptions)
        var body = write.body
        body["force"] = .bool(force)
        let answer = try await write.send("POST", APIPath.own + "/nodes/\(name)/remove", body: body)
        await client.close()
        try world.output.line("node.blixard.dev/\(name) removed from the cluster")
        let machines = answer["machines"]?.array?.compactMap(\.string) ?? []
        guard !machines.isEmpty else { return }
        try world.output.line(
            "still bound to its name: \(machines.joined(separator: ", "))\n"
                + "another node takes them over with: blixard ticket create --for-node \(name)")
    }
}
