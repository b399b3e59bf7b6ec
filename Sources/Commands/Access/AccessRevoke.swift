import ArgumentParser
import Contract
import JSONText
import Primitives

/// `blixard access revoke`.
struct AccessRevoke: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Take a user's role away, and close the key's connections.",
        discussion: """
            What the user has written stays as it is. The last administrator's role can't be taken away.

            Examples:
              blixard access list
              blixard access revoke 3b6a27bc...0da29
            """)

    @OptionGroup var keyArgument: KeyArgument
    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        let key = try keyArgument.value()
        let client = try ClusterClient.open(connectionOptions, in: world)
        try await client.changeAccess { () throws(ClientFailure) in
            let _: Answered<RevocationAnswer> = try await client.connection.delete(.grant(key: key.description))
        }
        await client.close()
        try world.output.line("key \(key) has no role any more")
    }
}
