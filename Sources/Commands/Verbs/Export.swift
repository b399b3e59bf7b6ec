import ArgumentParser
import Contract
import JSONText
import Manifest
import Primitives

/// `blixard export`: objects as manifests.
struct Export: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Print objects as manifests, ready for a file.",
        discussion: """
            A manifest holds what a user could have written: neither status nor uid, versions and times, and no field \
            that stands at its default. `apply` answers each of them with `unchanged`. What is being deleted is left \
            out, and said on standard error. Without a type, everything that manifests can hold is printed but for \
            sets: a ManifestSet among documents makes all of them its members (`rollout show` prints a set's).

            Examples:
              blixard export > cluster.yaml
              blixard export vms -A -l app=web -o json
              blixard export vm/web node/node-1
            """)

    @Argument(
        help: ArgumentHelp("TYPE [NAME...], TYPE1,TYPE2 or TYPE/NAME...", valueName: "resource"), completion: .objects)
    var resources: [String] = []

    @OptionGroup var outputOptions: OutputOptions
    @OptionGroup var namespaceOptions: NamespaceOptions

    @Flag(name: [.customShort("A"), .long], help: "Objects of every namespace.")
    var allNamespaces = false

    @Option(
        name: [.customShort("l", allowingJoined: true), .long],
        help: ArgumentHelp("Only objects with these labels.", valueName: "query"))
    var selector: String?

    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        let format = outputOptions.output == nil ? .yaml : try outputOptions.format()
        guard [.yaml, .json].contains(format) else {
            throw CommandFailure.error("-o \(outputOptions.output ?? "") is not for export: it must be yaml or json")
        }
        let selections = try selections()
        let reading = ObjectReading(
            client: try ClusterClient.open(connectionOptions, in: world),
            namespace: allNamespaces ? nil : namespaceOptions.namespace,
            query: selector.map { [QueryParameter.labelSelector.item($0)] } ?? [], format: format,
            ignoreNotFound: false)
        var objects: [JSON] = []
        for selection in selections {
            let answer = try await reading.read(selection)
            if let missing = answer.missing.first { throw missing }
            objects += ObjectReading.objects(in: answer.documents)
        }
        await reading.client.close()
        let documents = try objects.compactMap { try Self.manifest(of: $0, in: world)?.json }
        guard !documents.isEmpty else {
            let place = allNamespaces ? "" : " in \(namespaceOptions.namespace) namespace."
            return try world.errors.line("No resources found" + place)
        }
        if format == .json {
            try world.output.write((documents.count == 1 ? documents[0] : ObjectReading.list(documents)).prettyText)
        } else {
            try world.output.write(documents.map(YAMLText.render).joined(separator: "---\n"))
        }
    }

    private func selections() throws -> [ResourceSelection] {
        if resources.isEmpty {
            // A set among the documents would become the owner of all of them.
            return KindInfo.writable.filter { $0 != .manifestSet }.map { ResourceSelection(kind: $0, names: []) }
        }
        let selections = try ResourceSelection.parse(resources)
        for selection in selections {
            guard !selection.kind.isReadOnly else {
                throw CommandFailure.error(
                    "\(selection.kind.plural) are written by the cluster alone: no manifest holds one")
            }
            guard selection.names.isEmpty || selector == nil else {
                throw CommandFailure.error(
                    "name cannot be provided when a selector is specified: \"\(selection.names[0])\"")
            }
            guard selection.names.isEmpty || !allNamespaces || !selection.kind.namespaced else {
                throw CommandFailure.error("a resource cannot be retrieved by name across all namespaces")
            }
        }
        return selections
    }

    /// Nil for what is going away, which an apply of its manifest would bring back.
    private static func manifest(of object: JSON, in world: World) throws -> ManifestDocument? {
        guard object["metadata"]?["deletionTimestamp"]?.string == nil else {
            try world.errors.line("Warning: \(object.resourceName) is being deleted, and is left out")
            return nil
        }
        return try ManifestDocument(live: object)
    }
}

extension ManifestDocument {
    /// What a manifest of an object says, as the API renders the object.
    ///
    /// - Throws: ``CommandFailure`` for what this program does not know, such as a newer server's field.
    init(live object: JSON) throws {
        let source = ManifestSource(name: object.resourceName, content: .value(object, position: nil))
        let documents: [ManifestDocument]
        do throws(ManifestErrors) {
            documents = try ManifestReader(namespace: KindInfo.defaultNamespace, namespaceIsBinding: false)
                .read([source])
        } catch {
            throw CommandFailure(
                lines: error.errors.map { "error: \($0)" } + [
                    "error: the object can't be read as a manifest: the server may be newer than this program"
                ])
        }
        guard documents.count == 1 else {
            throw CommandFailure.error("\(object.resourceName.harmless) is not one object")
        }
        self = documents[0]
    }
}
