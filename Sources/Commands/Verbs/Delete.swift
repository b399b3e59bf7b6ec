import ArgumentParser
import Contract
import JSONText
import Manifest

/// `blixard delete`: deletes objects, in one entry of the log, and waits until they are gone.
struct Delete: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete objects and wait until they are gone.",
        discussion: """
            A machine is gone when its node has said that its process and its disks are: until then it is Terminating, \
            and the command says which node it waits for. Interrupting the wait does not undo the delete.

            Examples:
              blixard delete vm web db
              blixard delete -f cluster.json
              blixard delete vms -l app=web --wait=false
              blixard delete vm web --now
            """)

    @Argument(help: ArgumentHelp("TYPE NAME... or TYPE/NAME...", valueName: "resource"), completion: .objects)
    var resources: [String] = []

    @OptionGroup var files: FileOptions
    @Option(
        name: [.customShort("l", allowingJoined: true), .long],
        help: ArgumentHelp("All objects with these labels.", valueName: "query"))
    var selector: String?

    @Flag(help: "All objects of the type in the namespace.")
    var all = false

    @OptionGroup var options: DeleteOptions

    func run(in world: World) async throws {
        let client = try ClusterClient.open(options.connectionOptions, in: world)
        try await options.delete(try await keys(client, in: world), client)
        await client.close()
    }

    private func keys(_ client: ClusterClient, in world: World) async throws -> [ObjectKey] {
        if !files.filename.isEmpty {
            guard resources.isEmpty else {
                throw CommandFailure.error("cannot specify both a resource and -f: found \"\(resources[0])\"")
            }
            return try await files.documents(verb: "delete", namespace: options.namespaceOptions, in: world).map(\.key)
        }
        let namespace = options.namespaceOptions.namespace
        var keys: [ObjectKey] = []
        for selection in try ResourceSelection.parse(resources) {
            var names = selection.names
            if names.isEmpty {
                guard all || selector != nil else {
                    throw CommandFailure.error(
                        "resource(s) were provided, but no name was specified: give names, -l or --all")
                }
                names = try await client.items(
                    selection.kind, namespace: namespace,
                    query: selector.map { [QueryParameter.labelSelector.item($0)] } ?? []
                ).compactMap(\.nameText)
            } else if all || selector != nil {
                throw CommandFailure.error("name cannot be provided when a selector or --all is specified")
            }
            keys += names.map { selection.kind.key(namespace: namespace, name: $0) }
        }
        return keys
    }
}
