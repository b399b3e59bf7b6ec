import ArgumentParser
import Contract
import JSONText
import Manifest

/// `blixard get`: lists objects, shows them by name, watches them.
struct Get: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Show objects: vms, nodes, images, events.",
        discussion: """
            Examples:
              blixard get vms
              blixard get vms web db -o wide
              blixard get vm/web -o json
              blixard get vms -l app=web -A
              blixard get vms -w
              blixard get vms,nodes
              blixard get vms --sort-by=.spec.memory
              blixard get vms --show-labels -L app
              blixard get vm web -o jsonpath='{.status.nodeName}'
              blixard get vms -o custom-columns=NAME:.metadata.name,CPUS:.spec.vcpus
              blixard get secret db --reveal
              blixard get nodes --consistency stale    # what the answering node knows, also without a quorum
            """)

    @Argument(
        help: ArgumentHelp("TYPE [NAME...], TYPE1,TYPE2 or TYPE/NAME...", valueName: "resource"), completion: .objects)
    var resources: [String] = []

    @OptionGroup var outputOptions: OutputOptions
    @OptionGroup var tableOptions: TableOptions
    @OptionGroup var namespaceOptions: NamespaceOptions

    @Flag(name: [.customShort("A"), .long], help: "Objects of every namespace.")
    var allNamespaces = false

    @Option(
        name: [.customShort("l", allowingJoined: true), .long],
        help: ArgumentHelp("Only objects with these labels: k=v, k!=v, 'k in (a,b)', k, '!k'.", valueName: "query"))
    var selector: String?

    @Option(name: .customLong("field-selector"), help: ArgumentHelp("metadata.name=NAME", valueName: "query"))
    var fieldSelector: String?

    @Flag(name: [.customShort("w"), .long], help: "Then print every change, until interrupted.")
    var watch = false

    @Option(
        help: ArgumentHelp(
            "strong: what a quorum confirms; stale: what the answering node knows.", valueName: "strong|stale"))
    var consistency: ReadConsistencyOption = .strong

    @Flag(name: .customLong("no-headers"), help: "No header line.")
    var noHeaders = false

    @Flag(name: .customLong("ignore-not-found"), help: "No error for a name that does not exist.")
    var ignoreNotFound = false

    @Flag(help: "Of Secrets by name: their values, which leaves an event; for administrators.")
    var reveal = false

    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        let selections = try ResourceSelection.parse(resources)
        let format = try outputOptions.format()
        for selection in selections where !selection.names.isEmpty && (selector != nil || fieldSelector != nil) {
            throw CommandFailure.error(
                "name cannot be provided when a selector is specified: \"\(selection.names[0])\"")
        }
        if allNamespaces, selections.contains(where: { !$0.names.isEmpty && $0.kind.namespaced }) {
            throw CommandFailure.error("a resource cannot be retrieved by name across all namespaces")
        }
        if reveal {
            let client = try ClusterClient.open(connectionOptions, in: world)
            try await SecretRevealing(client: client, namespace: namespaceOptions.namespace, format: format)
                .run(selections)
            return await client.close()
        }
        var display = try tableOptions.display()
        if watch, display.order != nil {
            try world.errors.line("warning: --watch requested, --sort-by will be ignored")
            display.order = nil
        }
        let reading = ObjectReading(
            client: try ClusterClient.open(connectionOptions, in: world),
            namespace: allNamespaces ? nil : namespaceOptions.namespace,
            query: display.order != nil && format.isTable
                // A row has only the metadata of its object unless more is asked for.
                ? query + [QueryParameter.includeObject.item("Object")] : query,
            format: format,
            ignoreNotFound: ignoreNotFound, display: display)
        do {
            if watch {
                guard selections.count == 1, selections[0].names.count <= 1 else {
                    throw CommandFailure.error(
                        "you may only specify a single resource type, and one name or none, to watch")
                }
                try await ObjectWatch(reading: reading, selection: selections[0], withHeader: !noHeaders).run()
            } else {
                try await ObjectPrinting(reading: reading, selections: selections, withHeader: !noHeaders).run()
            }
        } catch let failure as ClientFailure
            where failure.reason?.word == APIStatus.Reason.serviceUnavailable.word && consistency == .strong
        {
            throw CommandFailure(
                text: failure.text + "\nThe same with --consistency stale shows what the answering node knows.")
        }
        await reading.client.close()
    }

    private var query: [(String, String)] {
        var query: [(String, String)] = []
        if let selector { query.append(QueryParameter.labelSelector.item(selector)) }
        if let fieldSelector { query.append(QueryParameter.fieldSelector.item(fieldSelector)) }
        if consistency == .stale { query += ReadConsistency.stale.query }
        return query
    }
}

/// What `--consistency` may be.
enum ReadConsistencyOption: String, ExpressibleByArgument, CaseIterable {
    case strong
    case stale
}
