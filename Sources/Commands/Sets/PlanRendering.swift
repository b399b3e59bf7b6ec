import ArgumentParser
import Contract
import Fleet
import JSONText
import Manifest
import Primitives

/// When text is coloured.
enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
    case auto
    case always
    case never

    /// `NO_COLOR` (no-color.org) counts unless colour is asked for by name.
    func isColored(in world: World) -> Bool {
        switch self {
        case .always: true
        case .never: false
        case .auto: world.outputIsWatched && world.variable("NO_COLOR") == nil && world.variable("TERM") != "dumb"
        }
    }
}

/// How `plan` and `diff` show a plan.
struct PlanRenderingOptions: ParsableArguments {
    @Option(
        name: [.customShort("o", allowingJoined: true), .long],
        help: ArgumentHelp(
            "How to print: json, yaml, diff (unified, by BLIXARD_EXTERNAL_DIFF if set) or markdown.",
            valueName: "format"))
    var output: String?

    @Option(help: "Whether the text has colours; auto: on a terminal, unless NO_COLOR is set.")
    var color: ColorChoice = .auto

    func format(verb: String, in world: World) throws -> PlanFormat {
        switch output {
        case nil: .text(isColored: color.isColored(in: world))
        case "json": .json
        case "yaml": .yaml
        case "diff": .diff(isColored: color.isColored(in: world))
        case "markdown": .markdown
        case let other?:
            throw CommandFailure.error(
                "-o \(other.harmless) is not for \(verb): it must be json, yaml, diff or markdown")
        }
    }
}

/// One way to print a plan.
enum PlanFormat: Equatable {
    case text(isColored: Bool)
    case json
    case yaml
    case diff(isColored: Bool)
    case markdown

    /// - Parameter documents: What was planned, for a unified diff.
    /// - Returns: Whether something would change.
    func print(
        _ plan: Answered<PlanAnswer>, documents: [ManifestDocument], _ client: ClusterClient
    ) async throws -> Bool {
        let text = PlanText(plan.body)
        let output = client.world.output
        switch self {
        case .json: try output.write(plan.json.prettyText)
        case .yaml: try output.write(YAMLText.render(plan.json))
        case .markdown: try output.write(PlanMarkdown(plan.body).text)
        case .diff(let isColored):
            let found = try await ManifestDiff(plan.body, documents: documents, client: client)
                .print(isColored: isColored)
            return found ?? text.differs
        case .text(let isColored):
            for line in text.lines {
                let text = line.text.harmless
                // The escapes are ours; the text between them is harmless.
                try output.write(exactly: (isColored ? line.tone.colored(text) : text) + "\n")
            }
        }
        return text.differs
    }
}

/// What a line of a plan is about, as its colour says it.
enum PlanTone: Equatable {
    case plain
    case created
    case changed
    case removed
    case remark

    /// SGR sequences of ECMA-48.
    func colored(_ text: String) -> String {
        let code: String
        switch self {
        case .plain: return text
        case .created: code = "32"
        case .changed: code = "33"
        case .removed: code = "31"
        case .remark: code = "36"
        }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }
}
