import ArgumentParser
import Contract
import JSONText
import Manifest
import Primitives

/// `blixard vm create`: a machine without a manifest.
struct MachineCreate: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Create a machine from flags.",
        discussion: """
            Examples:
              blixard vm create web
              blixard vm create web --vcpus 2 --memory 1Gi --node node-2
              blixard vm create web --memory 256Mi --dry-run=server
            """)

    @Argument(help: "The machine's name.")
    var name: String

    @Option(help: ArgumentHelp("Virtual processors.", valueName: "count"))
    var vcpus: Int?

    @Option(help: ArgumentHelp("Memory: 128Mi, 1Gi.", valueName: "quantity"))
    var memory: String?

    @Option(
        name: .customLong("run-strategy"),
        help: ArgumentHelp("Always, RerunOnFailure, Once, Manual or Halted.", valueName: "word"))
    var runStrategy: String?

    @Option(help: ArgumentHelp("The one node that it may run on.", valueName: "name"))
    var node: String?

    @Option(
        name: .customLong("dry-run"),
        help: ArgumentHelp("server: do everything but record it.", valueName: "none|server"))
    var dryRun: DryRun = .none

    @OptionGroup var namespaceOptions: NamespaceOptions
    @OptionGroup var writeOptions: WriteOptions
    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        var spec: JSON = .object([:])
        if let vcpus { spec["vcpus"] = .integer(Int64(vcpus)) }
        if let memory { spec["memory"] = .string(memory) }
        if let runStrategy { spec["runStrategy"] = .string(runStrategy) }
        if let node { spec["nodeName"] = .string(node) }
        let namespace = namespaceOptions.namespace
        let document: JSON = [
            "apiVersion": .string(KindInfo.apiVersion), "kind": .string(KindInfo.virtualMachine.kind),
            "metadata": ["name": .string(name), "namespace": .string(namespace)], "spec": spec,
        ]
        let source = ManifestSource(name: "the command line", content: .value(document, position: nil))
        do {
            _ = try ManifestReader(namespace: namespace, namespaceIsBinding: true).read([source])
        } catch {
            throw CommandFailure(lines: error.errors.map { "error: \($0)" })
        }
        let client = try ClusterClient.open(connectionOptions, in: world)
        _ = try await ClusterWrite(client, writeOptions).send(
            "POST", ResourcePath.collection(.virtualMachine, namespace: namespace),
            query: dryRun == .server ? [("dryRun", "All")] : [], body: document)
        let subject = KindInfo.virtualMachine.key(namespace: namespace, name: name).resourceName
        try world.output.line("\(subject) created\(dryRun.suffix)")
        await client.close()
    }
}
