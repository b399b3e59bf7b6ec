import ArgumentParser
import Contract
import JSONText

/// `blixard ticket`: what lets a new node in.
struct Ticket: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ticket", abstract: "Create tickets that let new nodes in.", subcommands: [TicketCreate.self])
}

/// `blixard ticket create`.
struct TicketCreate: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Print a ticket that lets one new node into the cluster.",
        discussion: """
            A host that has the ticket can join, once, until it expires. A newcomer gets a name that no node has and \
            that no machine is bound to. With --for-node it gets that very name, and the machines that are bound to \
            it: for a node whose disk was replaced, after `blixard cluster remove`.

            Examples:
              blixard ticket create >ticket       # then, where the file was copied to:
              blixard node --id 2 --bind 10.0.0.2:7001 --data-dir data --join-ticket @ticket
              blixard ticket create --for-node node-3
            """)

    @Option(help: ArgumentHelp("How long it is good.", valueName: DurationText.valueName))
    var ttl = DurationText(milliseconds: 3_600_000)

    @Option(help: ArgumentHelp("How many nodes it lets in.", valueName: "count"))
    var uses = 1

    @Option(
        help: ArgumentHelp(
            "The name that the newcomer takes over, with the machines that are bound to it.", valueName: "name"))
    var forNode: String?

    @OptionGroup var outputOptions: OutputOptions
    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        guard ttl.milliseconds >= 1000 else { throw CommandFailure.error("--ttl must be a second or more") }
        guard (1...1000).contains(uses) else { throw CommandFailure.error("--uses \(uses) must be 1 to 1000") }
        let format = try outputOptions.format()
        let client = try ClusterClient.open(connectionOptions, in: world)
        let answer = try await client.createTicket(ttl: ttl, uses: uses, node: forNode)
        await client.close()
        switch format {
        case .json: try world.output.write(answer.json.prettyText)
        case .yaml: try world.output.write(YAMLText.render(answer.json))
        default: try world.output.line(answer.body.ticket)
        }
    }
}

extension ClusterClient {
    /// Creates a ticket.
    ///
    /// It has no request id, because every ticket has a secret of its own: one whose answer got lost is useless.
    ///
    /// - Parameter node: The name that a newcomer takes over with it; nil leaves newcomers the names that are free.
    func createTicket(ttl: DurationText, uses: Int, node: String?) async throws -> Answered<TicketAnswer> {
        let request = TicketRequest(ttlSeconds: ttl.milliseconds / 1000, uses: uses, node: node)
        do {
            return try await connection.post(.tickets, request, request: nil)
        } catch {
            guard error.isOutcomeUnknown else { throw error }
            throw CommandFailure(text: error.text + "\nA ticket that was lost lets no host in: run the same again.")
        }
    }
}
