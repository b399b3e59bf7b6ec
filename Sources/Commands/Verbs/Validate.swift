import ArgumentParser
import Manifest

/// `blixard validate`: checks manifests without a cluster.
struct Validate: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check manifests without asking a cluster.",
        discussion: """
            Examples:
              blixard validate -f manifests -R
            """)

    @OptionGroup var files: FileOptions
    @OptionGroup var namespaceOptions: NamespaceOptions

    func run(in world: World) async throws {
        for document in try await files.documents(verb: "validate", namespace: namespaceOptions, in: world) {
            try world.output.line("\(document.key.resourceName) valid")
        }
    }
}
