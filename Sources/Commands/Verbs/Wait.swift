import ArgumentParser
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

    @Argument(help: ArgumentHelp("TYPE/NAME..., or TYPE with NAME..., -l or --all", valueName: "resource"))
    var resources: [String] = []

    @Option(
        name: .customLong("for"), parsing: .singleValue,
        help: ArgumentHelp(
            "condition=TYPE[=STATUS], delete, create or jsonpath='{PATH}'[=VALUE]. Repeatable: all must hold.",
            valueName: "what"))
    var conditions: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How long to wait; 0 looks once, less than 0 waits a week.", valueName: "duration"))
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
        let wanted = try conditions.map(WaitCondition.init)
        let client = try ClusterClient.open(connectionOptions, in: world)
        var keys = try await keys(client)
        guard !keys.isEmpty else {
            if wanted.allSatisfy({ $0 == .deleted }) { return }
            throw CommandFailure.error("no matching resources found")
        }
        let limit = timeout.milliseconds < 0 ? 7 * 86_400_000 : timeout.milliseconds
        let deadline = world.clock.now + limit
        var progress = ProgressLine(in: world)
        while true {
            var left: [(key: ObjectKey, why: String)] = []
            for key in keys {
                guard let kind = KindInfo.named(key.kind) else { continue }
                let object: JSON?
                switch await client.look(kind, namespace: key.namespace, name: key.name) {
                case .success(let found): object = found
                case .failure(let failure):
                    guard failure.isTransient, world.clock.now < deadline else { throw failure }
                    left.append((key, "no answer just now"))
                    continue
                }
                if let why = wanted.lazy.compactMap({ $0.missing(in: object) }).first {
                    if object == nil, !wanted.contains(.created) {
                        throw CommandFailure(
                            text: "Error from server (NotFound): \(kind.qualifiedPlural) \"\(key.name)\" not found")
                    }
                    left.append((key, why))
                } else {
                    try progress.clear()
                    try world.output.line(
                        "\(key.resourceName) " + (wanted.contains(.deleted) ? "deleted" : "condition met"))
                }
            }
            keys = left.map(\.key)
            if keys.isEmpty { break }
            if world.clock.now >= deadline {
                try progress.clear()
                throw CommandFailure(
                    text: left.map { "\($0.key.resourceName): \($0.why)" }.joined(separator: "\n") + "\n"
                        + left.map { entry in
                            let plural = KindInfo.named(entry.key.kind)?.plural ?? entry.key.kind
                            return "error: timed out waiting for the condition on \(plural)/\(entry.key.name)"
                        }.joined(separator: "\n"))
            }
            if world.errorsAreWatched {
                try progress.show("waiting for \(left.count): \(left[0].key.resourceName): \(left[0].why)")
            }
            try await world.clock.sleep(milliseconds: min(300, deadline - world.clock.now))
        }
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
                    selection.kind, namespace: namespace, query: selector.map { [("labelSelector", $0)] } ?? []
                ).compactMap(\.nameText)
            }
            keys += names.map { selection.kind.key(namespace: namespace, name: $0) }
        }
        return keys
    }
}
