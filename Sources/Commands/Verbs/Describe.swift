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
              blixard describe vms
            """)

    @Argument(help: ArgumentHelp("TYPE [NAME...] or TYPE/NAME...", valueName: "resource"), completion: .objects)
    var resources: [String] = []

    @OptionGroup var namespaceOptions: NamespaceOptions
    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        let selections = try ResourceSelection.parse(resources)
        let client = try ClusterClient.open(connectionOptions, in: world)
        let namespace = namespaceOptions.namespace
        var texts: [String] = []
        for selection in selections {
            var objects: [JSON] = []
            if selection.names.isEmpty {
                let list = try await client.connection.get(
                    ResourcePath.collection(selection.kind, namespace: namespace), query: [], accept: nil)
                objects = ObjectReading.objects(in: [list])
            }
            for name in selection.names {
                objects.append(
                    try await client.object(selection.kind, namespace: selection.kind.namespace(namespace), name: name))
            }
            guard !objects.isEmpty else { continue }
            // What happened to objects of the whole cluster may stand in any namespace.
            let events = try await client.items(.event, namespace: selection.kind.namespaced ? namespace : nil)
                .map(EventText.init)
            texts += objects.map { object in
                let own = events.filter { $0.isAbout(selection.kind, object) }
                return ObjectDescription(object, events: own, now: world.clock.wallTime).text
            }
        }
        await client.close()
        if texts.isEmpty { try world.errors.line("No resources found in \(namespace) namespace.") }
        try world.output.write(texts.joined(separator: "\n\n"))
    }
}
