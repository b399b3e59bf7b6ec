import ArgumentParser
import JSONText
import Manifest

/// `blixard cordon`: keeps new machines away from a node.
struct Cordon: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "cordon", abstract: "Keep new machines away from nodes; those that run there stay.",
        discussion: """
            Examples:
              blixard cordon node-2
            """)

    @Argument(help: ArgumentHelp("Names of nodes.", valueName: "node"), completion: .objects)
    var nodes: [String]

    @OptionGroup var writeOptions: WriteOptions
    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        try await NodeScheduling(nodes: nodes, unschedulable: true, options: writeOptions)
            .run(try ClusterClient.open(connectionOptions, in: world))
    }
}

/// `blixard uncordon`: lets new machines onto a node again.
struct Uncordon: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "uncordon", abstract: "Let new machines onto nodes again.",
        discussion: """
            Examples:
              blixard uncordon node-2
            """)

    @Argument(help: ArgumentHelp("Names of nodes.", valueName: "node"), completion: .objects)
    var nodes: [String]

    @OptionGroup var writeOptions: WriteOptions
    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        try await NodeScheduling(nodes: nodes, unschedulable: false, options: writeOptions)
            .run(try ClusterClient.open(connectionOptions, in: world))
    }
}

/// Edits `spec.unschedulable` of nodes.
private struct NodeScheduling {
    let nodes: [String]
    let unschedulable: Bool
    let options: WriteOptions

    func run(_ client: ClusterClient) async throws {
        guard options.requestID == nil || nodes.count == 1 else {
            throw CommandFailure.error("--request-id is for one node; found \(nodes.count)")
        }
        for name in try nodes.map(Self.name) {
            let edit = ObjectEdit(client: client, kind: .node, namespace: "", name: name, options: options)
            let changed = try await edit.run { object in
                if (object["spec"]?["unschedulable"]?.bool ?? false) == unschedulable { return .nothing }
                return .patch(["spec": ["unschedulable": unschedulable ? true : nil]])
            }
            let done = unschedulable ? "cordoned" : "uncordoned"
            let subject = KindInfo.node.key(namespace: "", name: name).resourceName
            try client.world.output.line("\(subject) " + (changed ? done : "already \(done)"))
        }
        await client.close()
    }

    /// A node by `NAME`, `node/NAME` or any other spelling of the type.
    private static func name(_ word: String) throws -> String {
        let parts = word.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 2, !parts.contains(""), try parts.count == 1 || KindInfo.parse(parts[0]) == .node else {
            throw CommandFailure.error("\"\(word)\" names no node: write NAME or node/NAME")
        }
        return parts[parts.count - 1]
    }
}
