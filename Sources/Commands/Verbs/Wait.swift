import ArgumentParser
import Contract
import JSONText
import Manifest
import Primitives

/// `blixard wait`: waits until objects are as they should be.
struct Wait: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait for a condition, a value, or the end of objects.",
        discussion: """
            A condition counts only when it was judged by the object's newest generation.

            Examples:
              blixard wait --for=condition=Ready vm/web --timeout 2m
              blixard wait --for=condition=Ready vms -l app=web
              blixard wait --for=delete vm/web
              blixard wait --for=jsonpath='{.status.phase}'=Running vm/web
              blixard wait --for=create vm/web
            """)

    @Argument(
        help: ArgumentHelp("TYPE/NAME..., or TYPE with NAME..., -l or --all", valueName: "resource"),
        completion: .objects)
    var resources: [String] = []

    @Option(
        name: .customLong("for"), parsing: .singleValue,
        help: ArgumentHelp(
            "condition=TYPE[=STATUS], delete, create or jsonpath='{PATH}'[=VALUE]. Repeatable: all must hold.",
            valueName: "what"))
    var conditions: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How long to wait; 0 looks once, less than 0 waits a week.", valueName: DurationText.valueName))
    var timeout = DurationText(milliseconds: 30_000)

    @Option(
        name: [.customShort("l", allowingJoined: true), .long],
        help: ArgumentHelp("All objects with these labels.", valueName: "query"))
    var selector: String?

    @Flag(help: "All objects of the type in the namespace.")
    var all = false

    @OptionGroup var namespaceOptions: NamespaceOptions
    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        guard !conditions.isEmpty else {
            throw CommandFailure.error("--for is needed: condition=TYPE, delete, create or jsonpath='{PATH}'=VALUE")
        }
        let wanted = try conditions.map { try WaitCondition($0) }
        let client = try ClusterClient.open(connectionOptions, in: world)
        let keys = try await keys(client)
        guard !keys.isEmpty else {
            if wanted.allSatisfy({ $0 == .deleted }) { return }
            throw CommandFailure.error("no matching resources found")
        }
        try await ConditionWait(
            client: client, keys: keys, conditions: wanted,
            timeoutMilliseconds: timeout.milliseconds < 0 ? 7 * 86_400_000 : timeout.milliseconds
        ).run()
        await client.close()
    }

    private func keys(_ client: ClusterClient) async throws -> [ObjectKey] {
        let namespace = namespaceOptions.namespace
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
            }
            keys += names.map { selection.kind.key(namespace: namespace, name: $0) }
        }
        return keys
    }
}
