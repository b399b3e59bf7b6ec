import ArgumentParser
import Contract

/// `blixard cluster rotate-secrets-key`: makes a new key that seals values of Secrets.
struct ClusterRotateSecretsKey: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate-secrets-key",
        abstract: "Make a new key for Secrets, and seal all of them by it.",
        discussion: """
            Every member must answer: each keeps the new key before anything is sealed by it. The leader then seals \
            every Secret anew, those in the histories of sets included. Values do not change, and neither do generations \
            or revisions of sets.

            The key before is kept until the next rotation. To have it gone from all members, rotate twice. Rotate after a \
            node was removed, or after a copy of a node's secrets.key was lost.

            Examples:
              blixard cluster rotate-secrets-key
            """)

    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        let client = try ClusterClient.open(connectionOptions, in: world)
        let answer: Answered<SecretsKeyRotation>
        do {
            // It has no id under which it could be repeated: a second try would make a second key.
            answer = try await client.connection.post(.secretsKeyRotation, nil, request: nil)
        } catch {
            guard error.isOutcomeUnknown else { throw error }
            throw CommandFailure(
                text: error.text + "\nNothing is lost whether a new key was made or not; run it again to be sure.")
        }
        await client.close()
        let members = answer.body.members.map(\.harmless).joined(separator: ", ")
        try world.output.line("key \(answer.body.version) for secrets seals now; kept by \(members)")
    }
}
