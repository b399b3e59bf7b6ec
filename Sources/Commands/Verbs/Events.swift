import ArgumentParser
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
              blixard events -A --types Warning
            """)

    @Option(name: .customLong("for"), help: ArgumentHelp("Only what happened to this object.", valueName: "type/name"))
    var subject: String?

    @Option(help: ArgumentHelp("Only these types: Normal, Warning.", valueName: "types"))
    var types: String?

    @Flag(name: [.customShort("A"), .long], help: "Events of every namespace.")
    var allNamespaces = false

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
