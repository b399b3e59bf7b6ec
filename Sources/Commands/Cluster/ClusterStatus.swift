import ArgumentParser
import Contract
import JSONText
import Primitives

/// `blixard cluster status`: leader, term and members, also without a quorum.
struct ClusterStatus: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show leader, term and members.",
        discussion: """
            Each line of a node ends with its name. It answers also when the cluster has no quorum: then with what the \
            answering node knows, and says so.

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
        let state = try await client.clusterState(consistency == .stale ? .stale : .linearizable)
        await client.close()
        switch format {
        case .json: try world.output.write(state.json.prettyText)
        case .yaml: try world.output.write(YAMLText.render(state.json))
        case .jsonPath(let template): try world.writeValues(template.render(state.json))
        case .table, .wide: try world.output.write(ClusterStatusText(state.body).text)
        default:
            throw CommandFailure.error(
                "-o \(outputOptions.output ?? "") is not for cluster status: it must be json or yaml")
        }
    }
}

/// The lines of `cluster status`.
struct ClusterStatusText {
    private(set) var text = "Cluster Status:\n"

    init(_ state: ClusterState) {
        // No leader is none: never a number that stands for no node.
        text += "  Leader ID: \(state.leader.map { String($0.id) } ?? "none")\n"
        text += "  Term: \(state.term)\n"
        let quorum = state.quorum
        if !quorum.has {
            text +=
                quorum.connected < quorum.needed
                ? "  Quorum: none: \(quorum.connected) of \(quorum.voters) voters connected, \(quorum.needed) needed;"
                : "  Quorum: no leader is known, although \(quorum.connected) of \(quorum.voters) voters are connected;"
            text += " nothing is recorded, machines stay as they are\n"
            text += "  As known to: \(state.answeredBy.harmless)\n"
        }
        text += "  Nodes in cluster:\n"
        for node in state.nodes { text += "    - \(Self.line(node).harmless)\n" }
    }

    private static func line(_ node: ClusterNode) -> String {
        let member = node.member
        var line = "Node \(member.id): \(member.addresses.first ?? "no address") (\(node.role)) \(member.name)"
        if !node.connected, !node.isSelf {
            line += node.lastHeardSeconds.map { ", last heard \(AgeText.of(seconds: $0)) ago" } ?? ", not heard"
        }
        return line
    }
}
