import ArgumentParser
import Contract
import Fleet
import JSONText
import Manifest
import Primitives

/// `blixard rollout`: the history of manifest sets, and the way back.
struct Rollout: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollout",
        abstract: "Show the revisions of a set, compare them, and bring one back.",
        subcommands: [RolloutHistory.self, RolloutShow.self, RolloutDiff.self, RolloutUndo.self])
}

/// The set that a command of `rollout` is about.
struct SetReference: ParsableArguments {
    @Argument(help: ArgumentHelp("set/NAME, or set NAME", valueName: "set"), completion: .objects)
    var resource: [String]

    /// - Throws: ``CommandFailure`` for what names no set, or several.
    func name() throws -> String {
        let selections = try ResourceSelection.parse(resource)
        guard selections.count == 1, selections[0].kind == .manifestSet, selections[0].names.count == 1 else {
            throw CommandFailure.error(
                "\"\(resource.joined(separator: " ").harmless)\" must name one set, as in set/prod")
        }
        return selections[0].names[0]
    }
}

struct RolloutHistory: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "List the revisions of a set.",
        discussion: """
            Examples:
              blixard rollout history set/prod
              blixard rollout history set/prod -o json
            """)

    @OptionGroup var set: SetReference
    @OptionGroup var outputOptions: OutputOptions
    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        let format = try outputOptions.format()
        guard [.table, .wide, .json, .yaml].contains(format) else {
            throw CommandFailure.error(
                "-o \(outputOptions.output ?? "") is not for rollout: it must be wide, json or yaml")
        }
        let name = try set.name()
        let client = try ClusterClient.open(connectionOptions, in: world)
        let answer: Answered<SetHistory> = try await client.connection.get(.setHistory(set: name))
        await client.close()
        switch format {
        case .json: try world.output.write(answer.json.prettyText)
        case .yaml: try world.output.write(YAMLText.render(answer.json))
        default:
            let history = answer.body
            guard !history.revisions.isEmpty else {
                try world.errors.line("the set \(name) has no revision yet")
                return
            }
            var rows = [["REVISION", "APPLIED", "AUTHOR", "COMMIT", "CHANGES", "CHANGE-CAUSE"]]
            rows += history.revisions.map { row($0, isWide: format == .wide, now: world.clock.wallTime) }
            try world.output.write(TableText.render(rows))
            if let forgotten = history.forgotten { try world.errors.line(forgotten) }
        }
    }

    private func row(_ revision: SetRevisionSummary, isWide: Bool, now: WallTime) -> [String] {
        [
            String(revision.number), AgeText.since(revision.time, now: now) + " ago", revision.authorText,
            revision.commit.isEmpty ? "<none>" : isWide ? revision.commit : String(revision.commit.prefix(12)),
            revision.counts.description, revision.message.isEmpty ? "<none>" : revision.message,
        ]
    }
}

extension SetRevisionSummary {
    /// The author's name, else the beginning of the key.
    var authorText: String { authorName.isEmpty ? author?.short ?? "cluster" : authorName }
}

extension ClusterClient {
    /// A revision of a set with its manifests.
    ///
    /// - Parameter number: Nil for the newest.
    func revision(_ number: UInt64?, ofSet name: String) async throws -> SetRevisionAnswer {
        var wanted = number
        if wanted == nil {
            let history: Answered<SetHistory> = try await connection.get(.setHistory(set: name))
            wanted = history.body.revision
        }
        guard let wanted, wanted > 0 else {
            throw CommandFailure.error("the set \(name.harmless) has no revision yet")
        }
        let answer: Answered<SetRevisionAnswer> = try await connection.get(
            .setRevision(set: name, number: String(wanted)))
        return answer.body
    }
}
