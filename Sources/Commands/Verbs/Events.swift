import ArgumentParser
import Contract
import JSONText
import Manifest
import Primitives

/// `blixard events`: what happened.
struct Events: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Show what happened, the oldest first.",
        discussion: """
            Examples:
              blixard events
              blixard events --for vm/web
              blixard events -w --types Warning
              blixard events -A --types Warning
            """)

    @Option(name: .customLong("for"), help: ArgumentHelp("Only what happened to this object.", valueName: "type/name"))
    var subject: String?

    @Option(help: ArgumentHelp("Only these types: Normal, Warning.", valueName: "types"))
    var types: String?

    @Flag(name: [.customShort("A"), .long], help: "Events of every namespace.")
    var allNamespaces = false

    @Flag(name: [.customShort("w"), .long], help: "Then print every event as it happens, until interrupted.")
    var watch = false

    @Flag(name: .customLong("no-headers"), help: "No header line.")
    var noHeaders = false

    @OptionGroup var outputOptions: OutputOptions
    @OptionGroup var namespaceOptions: NamespaceOptions
    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        let format = try outputOptions.format()
        let subject = try subject.map { try ResourceSelection.single([$0]) }
        let wanted = try types.map(Self.parse)
        let client = try ClusterClient.open(connectionOptions, in: world)
        let namespace = allNamespaces || subject?.kind.namespaced == false ? nil : namespaceOptions.namespace
        if watch {
            // The server's words for the same, since a watch has no end to sort and leave out at.
            let reading = ObjectReading(
                client: client, namespace: namespace, query: Self.query(subject, wanted), format: format,
                ignoreNotFound: false)
            return try await ObjectWatch(
                reading: reading, selection: ResourceSelection(kind: .event, names: []), withHeader: !noHeaders
            ).run()
        }
        let items = try await client.items(.event, namespace: namespace)
        await client.close()
        let records = items.map(EventText.init)
            .filter { record in
                (subject.map { record.isAbout($0.kind, $0.name) } ?? true) && (wanted?.contains(record.type) ?? true)
            }
            .sorted(by: EventText.happenedBefore)
        switch format {
        case .json: try world.output.write(ObjectReading.list(records.map(\.json)).prettyText)
        case .yaml: try world.output.write(YAMLText.render(ObjectReading.list(records.map(\.json))))
        case .table, .wide: try print(records, namespace: namespace, in: world)
        default:
            throw CommandFailure.error(
                "-o \(outputOptions.output ?? "") is not for events: it must be json, yaml or wide")
        }
    }

    private static func query(
        _ subject: (kind: KindInfo, name: String)?, _ types: Set<String>?
    ) -> [(String, String)] {
        var fields: [String] = []
        if let subject {
            fields += ["involvedObject.kind=\(subject.kind.kind)", "involvedObject.name=\(subject.name)"]
        }
        // Both types are all there are.
        if let types, types.count == 1 { fields += types.map { "type=\($0)" } }
        return fields.isEmpty ? [] : [QueryParameter.fieldSelector.item(fields.joined(separator: ","))]
    }

    private func print(_ records: [EventText], namespace: String?, in world: World) throws {
        guard !records.isEmpty else {
            let place = namespace.map { " in \($0) namespace" } ?? ""
            try world.errors.line("No events found\(place).")
            return
        }
        var rows = noHeaders ? [] : [["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]]
        rows += records.map { $0.row(now: world.clock.wallTime) }
        if allNamespaces {
            let first = noHeaders ? [] : ["NAMESPACE"]
            rows = zip(first + records.map(\.namespace), rows).map { [$0] + $1 }
        }
        try world.output.write(TableText.render(rows))
    }

    private static func parse(_ text: String) throws -> Set<String> {
        let words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        for word in words where !["normal", "warning"].contains(word.lowercased()) {
            throw CommandFailure.error("invalid --types: \"\(word)\": it must be Normal or Warning")
        }
        return Set(words.map { $0.lowercased() == "normal" ? "Normal" : "Warning" })
    }
}
