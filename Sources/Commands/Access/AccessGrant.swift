public import ArgumentParser
public import Contract
import JSONText
import Primitives

/// `blixard access grant`.
struct AccessGrant: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "grant", abstract: "Give a user's key a role, in place of the one it had.",
        discussion: """
            A viewer reads; an operator also changes machines and everything else that manifests say; an admin also \
            changes who may do what, and which nodes belong to the cluster. A user who asks a cluster with a key \
            that has no role is shown that key.

            Examples:
              blixard access grant 3b6a27bc...0da29 --role viewer --name alice
            """)

    @OptionGroup var keyArgument: KeyArgument

    @Option(help: ArgumentHelp("What the key may do.", valueName: "viewer|operator|admin"))
    var role: UserRole

    @Option(help: "What lists call the user; the beginning of the key unless given.")
    var name: String?

    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        let key = try keyArgument.value()
        let client = try ClusterClient.open(connectionOptions, in: world)
        try await client.changeAccess { () throws(ClientFailure) in
            let request = GrantRequest(key: key, name: name, role: role)
            let _: Answered<GrantAnswer> = try await client.connection.post(.grants, request, request: nil)
        }
        await client.close()
        try world.output.line("key \(key) granted the role \(role.rawValue)")
    }
}

extension UserRole: ExpressibleByArgument {}
