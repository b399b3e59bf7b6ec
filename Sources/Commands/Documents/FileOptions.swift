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
        let checked = try await inspect(verb: verb, namespace: namespace, assuming: nil, in: world)
        guard checked.errors.isEmpty else { throw CommandFailure(text: ManifestLoading.text(of: checked)) }
        return checked.documents
    }

    /// All documents of all files with everything that is wrong with them, and at least one of either.
    ///
    /// - Parameter assumed: Objects that documents may name although no document declares them; nil to look at no names.
    func inspect(
        verb: String, namespace: NamespaceOptions, assuming assumed: AssumedObjects?, in world: World
    ) async throws -> ManifestInspection {
        guard !filename.isEmpty else { throw CommandFailure.error("must specify -f") }
        let reader = ManifestReader(namespace: namespace.namespace, namespaceIsBinding: namespace.given != nil)
        let checked = try await ManifestLoading.inspect(
            ManifestArguments(names: filename, recursive: recursive), reader: reader, assuming: assumed, in: world)
        guard !checked.documents.isEmpty || !checked.errors.isEmpty else {
            throw CommandFailure.error("no objects passed to \(verb)")
        }
        return checked
    }
}
