import ArgumentParser
import Contract
import JSONText
import Manifest
import Primitives

/// `blixard edit`: changes an object in an editor.
struct Edit: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Change an object in your editor.",
        discussion: """
            The editor is BLIXARD_EDITOR, else EDITOR, else vi; a shell runs it with the file's name behind it. What is \
            wrong with the text is shown in the file when it is opened again. When another has changed other fields \
            meanwhile, both changes are kept; when both changed the same field, nothing is recorded. Text that was not \
            recorded stays in its file, and its name is printed.

            Examples:
              blixard edit vm/web
              blixard edit vm web -o json
              BLIXARD_EDITOR='code --wait' blixard edit node node-1
            """)

    @Argument(help: ArgumentHelp("TYPE NAME or TYPE/NAME", valueName: "resource"), completion: .objects)
    var resource: [String]

    @Option(
        name: [.customShort("o", allowingJoined: true), .long],
        help: ArgumentHelp("How the object is shown.", valueName: "yaml|json"))
    var output: EditingSession.Form = .yaml

    @OptionGroup var namespaceOptions: NamespaceOptions
    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        let subject = try ResourceSelection.single(resource)
        let client = try ClusterClient.open(connectionOptions, in: world)
        let key = subject.kind.key(namespace: namespaceOptions.namespace, name: subject.name)
        let object = try await client.object(subject.kind, namespace: key.namespace, name: key.name)
        guard !subject.kind.isReadOnly else {
            throw CommandFailure.error("\(subject.kind.plural) are written by the cluster alone")
        }
        var session = try EditingSession(of: object, kind: subject.kind, key: key, form: output, client: client)
        try await session.run()
        await client.close()
    }
}
