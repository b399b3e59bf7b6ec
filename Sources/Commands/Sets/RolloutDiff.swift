import ArgumentParser
import Contract
import JSONText
import Manifest
import Primitives

/// `blixard rollout diff`.
struct RolloutDiff: ProgramCommand {
    static let errorExitCode: Int32 = 2

    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare two revisions of a set.",
        discussion: """
            Exit code: 0 the same, 1 they differ, more than 1 for an error.

            Examples:
              blixard rollout diff set/prod                 # what the newest revision changed
              blixard rollout diff set/prod --from 2 --to 5
            """)

    @OptionGroup var set: SetReference
    @Option(help: ArgumentHelp("The older revision; the one before --to without it.", valueName: "number"))
    var from: UInt64?
    @Option(help: ArgumentHelp("The newer revision; the newest without it.", valueName: "number"))
    var to: UInt64?
    @Option(help: "Whether the text has colours; auto: on a terminal, unless NO_COLOR is set.")
    var color: ColorChoice = .auto
    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        let name = try set.name()
        let client = try ClusterClient.open(connectionOptions, in: world)
        let newer = try await client.revision(to, ofSet: name)
        let older = try await older(than: newer, client)
        await client.close()
        let isColored = color.isColored(in: world)
        var differs = false
        for (document, old, new) in Self.pairs(older, newer) {
            let diff = UnifiedDiff(
                old, new, name: document, from: "revision-\(older?.summary.number ?? 0)",
                to: "revision-\(newer.summary.number)")
            for line in diff.lines {
                differs = true
                let text = line.text.harmless
                try world.output.write(exactly: (isColored ? line.tone.colored(text) : text) + "\n")
            }
        }
        if differs { throw DiffersExit() }
    }

    /// Nil where there is none before the first.
    private func older(than newer: SetRevisionAnswer, _ client: ClusterClient) async throws -> SetRevisionAnswer? {
        if let from { return try await client.revision(from, ofSet: newer.name) }
        guard newer.summary.number > 1 else { return nil }
        return try await client.revision(newer.summary.number - 1, ofSet: newer.name)
    }

    /// The manifests of both by their names, each in lines; empty where a revision has none.
    private static func pairs(
        _ older: SetRevisionAnswer?, _ newer: SetRevisionAnswer
    ) -> [(name: String, old: [String], new: [String])] {
        let before = texts(older?.documents ?? [])
        let after = texts(newer.documents)
        return Set(before.keys).union(after.keys).sorted().map { ($0, before[$0] ?? [], after[$0] ?? []) }
    }

    private static func texts(_ documents: [JSON]) -> [String: [String]] {
        var texts: [String: [String]] = [:]
        for document in documents {
            let namespace = document["metadata"]?["namespace"]?.string.map { $0 + "." } ?? ""
            let name = "\(document["kind"]?.string ?? "").\(namespace)\(document["metadata"]?["name"]?.string ?? "")"
            texts[name] = YAMLText.render(SecretText.marked(document)).split(separator: "\n").map(String.init)
        }
        return texts
    }
}
