import ArgumentParser
import Contract
import JSONText
import Primitives

/// `blixard access list`.
struct AccessList: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List users' keys and their roles.",
        discussion: """
            Nodes' keys are not among them: `blixard cluster status -o json` shows those.

            Examples:
              blixard access list
              blixard access list -o json
            """)

    @OptionGroup var outputOptions: OutputOptions
    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        let format = try outputOptions.format()
        let client = try ClusterClient.open(connectionOptions, in: world)
        let answer: Answered<GrantList> = try await client.connection.get(.grants)
        await client.close()
        switch format {
        case .json: try world.output.write(answer.json.prettyText)
        case .yaml: try world.output.write(YAMLText.render(answer.json))
        case .table, .wide:
            let rows = answer.body.grants.map { [$0.name, $0.role.rawValue, $0.key.description] }
            try world.output.write(TableText.render([["NAME", "ROLE", "KEY"]] + rows))
        default:
            throw CommandFailure.error(
                "-o \(outputOptions.output ?? "") is not for access list: it must be json or yaml")
        }
    }
}
