import ArgumentParser
import Contract
import JSONText

/// `blixard version`: of this program, and of the node that answers.
struct Version: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Print the versions of this program and of the cluster.",
        discussion: """
            Examples:
              blixard version
              blixard version --client
            """)

    @Flag(help: "Only this program's.")
    var client = false

    @OptionGroup var outputOptions: OutputOptions
    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        let format = try outputOptions.format()
        var versions: JSON = ["clientVersion": ["gitVersion": .string(ProgramVersion.text)]]
        var failure: (any Error)?
        if !client {
            do {
                let connection = try connectionOptions.connect(in: world)
                versions["serverVersion"] = try await connection.get(
                    DiscoveryPath.version.text, query: [], accept: nil)
                await connection.close()
            } catch {
                failure = error
            }
        }
        switch format {
        case .json: try world.output.write(versions.prettyText)
        case .yaml: try world.output.write(YAMLText.render(versions))
        default:
            try world.output.line("Client Version: \(ProgramVersion.text)")
            if let server = versions["serverVersion"]?["gitVersion"]?.string {
                try world.output.line("Server Version: \(server)")
            }
        }
        // The client's version was printed; that there is no cluster is still an error.
        if let failure { throw failure }
    }
}

/// What this program calls itself.
public enum ProgramVersion {
    public static let text = "v0.1.0"
}
