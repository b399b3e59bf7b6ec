import ArgumentParser
import JSONText

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
        let answer = try await client.connection.get(ClusterClient.grantsPath, query: [], accept: nil)
        await client.close()
        guard let grants = answer["grants"]?.array else {
            throw ConnectionFailure.protocolViolation("the answer holds no grants")
        }
        switch format {
        case .json: try world.output.write(answer.prettyText)
        case .yaml: try world.output.write(YAMLText.render(answer))
        case .table, .wide:
            let rows = grants.map { grant in ["name", "role", "key"].map { grant[$0]?.string ?? "" } }
            try world.output.write(TableText.render([["NAME", "ROLE", "KEY"]] + rows))
        default:
            throw CommandFailure.error(
                "-o \(outputOptions.output ?? "") is not for access list: it must be json or yaml")
        }
    }
}
