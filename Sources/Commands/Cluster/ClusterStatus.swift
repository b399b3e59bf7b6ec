import ArgumentParser
import JSONText
import Primitives

/// `blixard cluster status`: leader, term and members, also without a quorum.
struct ClusterStatus: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show leader, term and members.",
        discussion: """
            Each line of a node ends with its name. It answers also when the cluster has no quorum: then with what the answering node knows, and says so.

            Examples:
              blixard cluster status
              blixard cluster status -o json
              blixard cluster status --addr data/node-1-registry.json
            """)

    @OptionGroup var outputOptions: OutputOptions

    @Option(
        help: ArgumentHelp(
            "strong: what a quorum confirms; stale: what the answering node knows.", valueName: "strong|stale"))
    var consistency: ReadConsistencyOption = .strong

    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        let format = try outputOptions.format()
        let client = try ClusterClient.open(connectionOptions, in: world)
        let state = try await client.clusterState(stale: consistency == .stale)
        await client.close()
        switch format {
        case .json: try world.output.write(state.prettyText)
        case .yaml: try world.output.write(YAMLText.render(state))
        case .jsonPath(let template): try world.writeValues(template.render(state))
        case .table, .wide: try world.output.write(ClusterStatusText(state).text)
        default:
            throw CommandFailure.error(
                "-o \(outputOptions.output ?? "") is not for cluster status: it must be json or yaml")
        }
    }
}

/// The lines of `cluster status`.
struct ClusterStatusText {
    private(set) var text = "Cluster Status:\n"

    init(_ state: JSON) {
        // No leader is none: never a number that stands for nobody.
        let leader = state["leader"]?["id"]?.integer.map(String.init) ?? "none"
        text += "  Leader ID: \(leader)\n"
        text += "  Term: \(state["term"]?.integer ?? 0)\n"
        if let quorum = state["quorum"], quorum["has"]?.bool == false {
            let connected = quorum["connected"]?.integer ?? 0
            let voters = quorum["voters"]?.integer ?? 0
            let needed = quorum["needed"]?.integer ?? 0
            text +=
                connected < needed
                ? "  Quorum: none: \(connected) of \(voters) voters connected, \(needed) needed; "
                : "  Quorum: no leader is known, although \(connected) of \(voters) voters are connected; "
            text += "nothing is recorded, machines stay as they are\n"
            if let node = state["answeredBy"]?.string { text += "  As known to: \(node.harmless)\n" }
        }
        text += "  Nodes in cluster:\n"
        for node in state["nodes"]?.array ?? [] { text += "    - \(Self.line(node).harmless)\n" }
    }

    private static func line(_ node: JSON) -> String {
        let id = node["id"]?.integer.map(String.init) ?? "?"
        let address = node["addresses"]?.array?.first?.string ?? "no address"
        var line = "Node \(id): \(address) (\(node["role"]?.string ?? "Unknown"))"
        if let name = node["name"]?.string { line += " \(name)" }
        let isSelf = node["self"]?.bool ?? false
        if node["connected"]?.bool == false, !isSelf {
            line +=
                node["lastHeardSeconds"]?.integer.map { ", last heard \(AgeText.of(seconds: $0)) ago" }
                ?? ", not heard"
        }
        return line
    }
}
