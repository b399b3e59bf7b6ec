import ArgumentParser
import Manifest
import Primitives

/// The flags `-f` and `-R` of commands that read manifests.
struct FileOptions: ParsableArguments {
    @Option(
        name: [.customShort("f", allowingJoined: true), .customLong("filename")], parsing: .singleValue,
        help: ArgumentHelp(
            "A manifest file, a directory of .json, .yaml and .yml files (names that begin with a dot are passed "
                + "over), a quoted pattern such as 'vms/*.yaml' or 'envs/**/*.json', an http or https URL, or - for "
                + "standard input. Repeatable.",
            valueName: "path"))
    var filename: [String] = []

    @Flag(name: [.customShort("R"), .long], help: "Search the directories of -f to the bottom.")
    var recursive = false

    @Option(
        name: [.customShort("k", allowingJoined: true), .customLong("kustomize")], parsing: .singleValue, help: .hidden)
    var kustomize: [String] = []

    func validate() throws {
        guard let directory = kustomize.first else { return }
        throw ValidationError(
            "-k is not offered: render the kustomization first and pass on what it prints, such as "
                + "'kustomize build \(directory.harmless) | blixard apply -f -'")
    }

    /// All documents of all files, checked; or everything that is wrong with them at once.
    ///
    /// - Parameter namespace: Where objects go that name none; those that name another are refused if it was given.
    func documents(verb: String, namespace: NamespaceOptions, in world: World) async throws -> [ManifestDocument] {
        guard !filename.isEmpty else { throw CommandFailure.error("must specify -f") }
        let reader = ManifestReader(namespace: namespace.namespace, namespaceIsBinding: namespace.given != nil)
        return try await ManifestLoading.load(
            ManifestFiles(names: filename, recursive: recursive), reader: reader, verb: verb, in: world)
    }
}
