import ArgumentParser
import JSONText
import Manifest
import Primitives

/// `blixard validate`: checks manifests without a cluster.
struct Validate: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check manifests without asking a cluster.",
        discussion: """
            Refuses what a cluster would refuse of new objects. A name of an image or a node that no document declares \
            is a warning, because the cluster may have it; --assume says that it has, and --strict makes warnings errors.

            Exit code: 0 all is valid, 1 something is not.

            Examples:
              blixard validate -f manifests -R
              blixard validate -f 'envs/**/*.yaml' --strict --assume nodes --assume image/base
              blixard validate -f https://example.org/web.yaml -o json
            """)

    @OptionGroup var files: FileOptions
    @OptionGroup var namespaceOptions: NamespaceOptions

    @Option(
        name: .customLong("assume"), parsing: .singleValue,
        help: ArgumentHelp(
            "An object that exists although no document declares it, such as image/base, or all of a kind, such as "
                + "images. Repeatable.",
            valueName: "kind/name|kind"))
    var assumptions: [String] = []

    @Flag(help: "Take warnings for errors.")
    var strict = false

    @OptionGroup var outputOptions: OutputOptions

    func run(in world: World) async throws {
        let format = try outputOptions.format()
        guard [.table, .name, .json, .yaml].contains(format) else {
            throw CommandFailure.error(
                "-o \(outputOptions.output ?? "") is not for validate: it must be name, json or yaml")
        }
        let assumed = try AssumedObjects(words: assumptions)
        let checked = try await files.inspect(
            verb: "validate", namespace: namespaceOptions, assuming: assumed, in: world
        ).checkedForOneApply(limit: Limits.requestBodyBytes)
        let report = ValidationReport(checked, isStrict: strict)
        switch format {
        case .json: try world.output.write(report.json.prettyText)
        case .yaml: try world.output.write(YAMLText.render(report.json))
        default:
            if let failure = report.failure { throw failure }
            for warning in report.warningLines { try world.errors.line(warning) }
            for document in checked.documents {
                try world.output.line(document.key.resourceName + (format == .name ? "" : " valid"))
            }
        }
        if !report.isValid { throw CommandFailure.silent(exitCode: 1) }
    }
}
