import ArgumentParser
import Contract
import JSONText
import Manifest
import Primitives

/// `blixard auth`: who the caller is, and what it may do.
struct Auth: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "auth", abstract: "Show who you are to the cluster, and what you may do.",
        subcommands: [AuthWhoAmI.self, AuthCanI.self])
}

/// `blixard auth whoami`.
struct AuthWhoAmI: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "whoami", abstract: "Print the name, the role and the key that you have to the cluster.",
        discussion: """
            Examples:
              blixard auth whoami
              blixard auth whoami -o json
            """)

    @OptionGroup var outputOptions: OutputOptions
    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        let format = try outputOptions.format()
        guard [.table, .json, .yaml].contains(format) else {
            throw CommandFailure.error(
                "-o \(outputOptions.output ?? "") is not for auth whoami: it must be json or yaml")
        }
        let client = try ClusterClient.open(connectionOptions, in: world)
        let answer: Answered<WhoAmI> = try await client.connection.get(.whoami)
        await client.close()
        switch format {
        case .json: try world.output.write(answer.json.prettyText)
        case .yaml: try world.output.write(YAMLText.render(answer.json))
        default:
            let caller = answer.body
            try world.output.write(
                TableText.render([
                    ["ATTRIBUTE", "VALUE"], ["Name", caller.name], ["Role", caller.role],
                    ["Key", caller.key.description],
                ]))
        }
    }
}

/// `blixard auth can-i`.
struct AuthCanI: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "can-i", abstract: "Say whether you may do something: yes or no.",
        discussion: """
            Exit code: 0 for yes, 1 for no. A role holds for all objects, so a name makes no difference. Whether an \
            object allows it is seen only when it is done.

            Examples:
              blixard auth can-i delete vms
              blixard auth can-i update node/node-1 && blixard cordon node-1
              blixard auth can-i create grants
              blixard auth can-i --list
            """)

    @Argument(
        help: ArgumentHelp("VERB TYPE, VERB TYPE/NAME or VERB TYPE NAME", valueName: "words"), completion: .objects)
    var words: [String] = []

    @Flag(help: "Print all that you may do.")
    var list = false

    @Flag(name: .customLong("no-headers"), help: "No header line.")
    var noHeaders = false

    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        let right = try wanted()
        let client = try ClusterClient.open(connectionOptions, in: world)
        let caller = try await Self.caller(client)
        await client.close()
        guard let right else { return try printAll(of: caller, in: world) }
        let isAllowed = caller.map { $0.may(right) } ?? false
        try world.output.line(isAllowed ? "yes" : "no")
        if !isAllowed { throw CommandFailure.silent(exitCode: 1) }
    }

    /// The right that the words ask for; nil for all of them.
    private func wanted() throws -> CallerRight? {
        guard list else { return try Permission.right(toDo: words) }
        guard words.isEmpty else {
            throw CommandFailure.error("--list takes no words: found \"\(words.joined(separator: " "))\"")
        }
        return nil
    }

    /// Nil for a key that is not admitted, which may do nothing.
    private static func caller(_ client: ClusterClient) async throws -> WhoAmI? {
        let answer = await client.answer(OwnPath.whoami.text, query: [], accept: nil)
        switch answer {
        case .success(let json): return try WhoAmI(answer: json)
        case .failure(let failure):
            guard failure.reason?.word == APIStatus.Reason.forbidden.word else { throw failure }
            try client.world.errors.lines(failure.text)
            return nil
        }
    }

    private func printAll(of caller: WhoAmI?, in world: World) throws {
        let header = noHeaders ? [] : [["RESOURCES", "VERBS"]]
        let rows = Permission.all.compactMap { permission -> [String]? in
            let verbs = permission.verbs.filter { verb in caller.map { $0.may(verb.right) } ?? false }.map(\.word)
            return verbs.isEmpty ? nil : [permission.resource, "[\(verbs.joined(separator: " "))]"]
        }
        try world.output.write(TableText.render(header + rows))
    }
}
