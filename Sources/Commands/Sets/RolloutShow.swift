import ArgumentParser
import Contract
import JSONText
import Manifest
import Primitives

/// `blixard rollout show`.
struct RolloutShow: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print the manifests of a revision of a set.",
        discussion: """
            What is printed can be applied.

            Examples:
              blixard rollout show set/prod
              blixard rollout show set/prod --revision 3 -o json
            """)

    @OptionGroup var set: SetReference
    @Option(help: ArgumentHelp("Which revision; the newest without it.", valueName: "number"))
    var revision: UInt64?
    @Option(
        name: [.customShort("o", allowingJoined: true), .long],
        help: ArgumentHelp("How to print: yaml or json.", valueName: "format"))
    var output = "yaml"
    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        guard ["yaml", "json"].contains(output) else {
            throw CommandFailure.error("-o \(output.harmless) is not for rollout: it must be yaml or json")
        }
        let client = try ClusterClient.open(connectionOptions, in: world)
        let answer = try await client.revision(revision, ofSet: try set.name())
        await client.close()
        if output == "json" {
            let list: JSON = ["apiVersion": "v1", "kind": "List", "items": .array(answer.documents)]
            try world.output.write(list.prettyText)
        } else {
            try world.output.write(answer.documents.map { YAMLText.render($0) }.joined(separator: "---\n"))
        }
    }
}
