import ArgumentParser
import JSONText

/// `blixard access grant`.
struct AccessGrant: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "grant", abstract: "Give a user's key a role, in place of the one it had.",
        discussion: """
            A viewer reads; an operator also changes machines and everything else that manifests say; an admin also \
            changes who may do what, and which nodes belong to the cluster. Whoever asks a cluster with a key that has \
            no role is shown that key.

            Examples:
              blixard access grant 3b6a27bc...0da29 --role viewer --name alice
            """)

    @OptionGroup var keyArgument: KeyArgument

    @Option(help: ArgumentHelp("What the key may do.", valueName: "viewer|operator|admin"))
    var role: Role

    @Option(help: "What lists call the user; the beginning of the key unless given.")
    var name: String?

    @OptionGroup var connectionOptions: ConnectionOptions

    enum Role: String, ExpressibleByArgument, CaseIterable {
        case viewer
        case `operator`
        case admin
    }

    func run(in world: World) async throws {
        let key = try keyArgument.text()
        let client = try ClusterClient.open(connectionOptions, in: world)
        var body: JSON = ["key": .string(key), "role": .string(role.rawValue)]
        if let name { body["name"] = .string(name) }
        try await client.changeAccess("POST", ClusterClient.grantsPath, body: body)
        await client.close()
        try world.output.line("key \(key) granted the role \(role.rawValue)")
    }
}
