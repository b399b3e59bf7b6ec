import ArgumentParser
import Contract
import JSONText
import Manifest

/// `blixard describe`: everything about an object, and what happened to it.
struct Describe: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe",
        abstract: "Show everything about objects, with their events.",
        discussion: """
            Examples:
              blixard describe vm web
              blixard describe node/node-1
              blixard describe set prod          # with its members
              blixard describe vms -l app=web
            """)

    @Argument(help: ArgumentHelp("TYPE [NAME...] or TYPE/NAME...", valueName: "resource"), completion: .objects)
    var resources: [String] = []

    @Option(
        name: [.customShort("l", allowingJoined: true), .long],
        help: ArgumentHelp("Only objects with these labels.", valueName: "query"))
    var selector: String?

    @Flag(name: [.customShort("A"), .long], help: "Objects of every namespace.")
    var allNamespaces = false

    @OptionGroup var namespaceOptions: NamespaceOptions
    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        let selections = try ResourceSelection.parse(resources)
        for selection in selections where !selection.names.isEmpty {
            guard selector == nil else {
                throw CommandFailure.error(
                    "name cannot be provided when a selector is specified: \"\(selection.names[0])\"")
            }
            guard !allNamespaces || !selection.kind.namespaced else {
                throw CommandFailure.error("a resource cannot be retrieved by name across all namespaces")
            }
        }
        let client = try ClusterClient.open(connectionOptions, in: world)
        let namespace = namespaceOptions.namespace
        let listed = allNamespaces ? nil : namespace
        let query = selector.map { [QueryParameter.labelSelector.item($0)] } ?? []
        var texts: [String] = []
        var sets = SetStanding(client)
        for selection in selections {
            var objects: [JSON] = []
            if selection.names.isEmpty {
                let list = try await client.connection.get(
                    ResourcePath.collection(selection.kind, namespace: listed), query: query, accept: nil)
                objects = ObjectReading.objects(in: [list])
            }
            for name in selection.names {
                objects.append(
                    try await client.object(selection.kind, namespace: selection.kind.namespace(namespace), name: name))
            }
            guard !objects.isEmpty else { continue }
            // What happened to objects of the whole cluster may stand in any namespace.
            let events = try await client.items(.event, namespace: selection.kind.namespaced ? listed : nil)
                .map(EventText.init)
            for object in objects {
                let set = try await sets.text(of: object)
                let members = selection.kind == .manifestSet ? try await sets.members(of: object) : nil
                texts.append(
                    ObjectDescription(
                        SecretText.marked(object), set: set, members: members,
                        events: events.filter { $0.isAbout(selection.kind, object) }, now: world.clock.wallTime
                    ).text)
            }
        }
        await client.close()
        if texts.isEmpty {
            try world.errors.line("No resources found" + (allNamespaces ? "" : " in \(namespace) namespace."))
        }
        try world.output.write(texts.joined(separator: "\n\n"))
    }
}
