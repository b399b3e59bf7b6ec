import ArgumentParser
import Manifest

/// `blixard api-resources`: the kinds there are.
struct APIResources: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "api-resources", abstract: "List the kinds of objects.",
        discussion: """
            Examples:
              blixard api-resources
            """)

    @Flag(name: .customLong("no-headers"), help: "No header line.")
    var noHeaders = false

    func run(in world: World) async throws {
        let header = noHeaders ? [] : [["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"]]
        let rows = KindInfo.all.sorted { $0.plural < $1.plural }.map { kind in
            [
                kind.plural, kind.shortNames.joined(separator: ","), KindInfo.apiVersion,
                kind.namespaced ? "true" : "false", kind.kind,
            ]
        }
        try world.output.write(TableText.render(header + rows))
    }
}
