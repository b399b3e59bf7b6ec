import ArgumentParser

/// `blixard node`: the daemon.
struct RunNode: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "node",
        abstract: "Run a node of a cluster, in the foreground.",
        discussion: """
            A node never founds a cluster by itself: the first one is founded by `blixard cluster init`, every other \
            one joins with a ticket, once. Flags win over the environment, the environment over --config.

            Environment: BLIXARD_NODE_ID, BLIXARD_NODE_NAME, BLIXARD_BIND_ADDRESS, BLIXARD_DATA_DIR, \
            BLIXARD_JOIN_TICKET, BLIXARD_JOIN_TICKET_FILE, BLIXARD_JOIN_ADDRESS, BLIXARD_EXPECT_KEY, \
            BLIXARD_HYPERVISOR, BLIXARD_LOG_LEVEL, \
            BLIXARD_BOOTSTRAP_BIND, BLIXARD_ADVERTISE, BLIXARD_CPUS, BLIXARD_MEMORY, \
            BLIXARD_SOURCE_DIRS (with : between several).

            Images are read from this host only below the directories of --source-dir, and never from a node's data \
            directory.

            Examples:
              blixard node --data-dir /var/lib/blixard
              blixard node --bind 10.0.0.2:7001 --data-dir /var/lib/blixard --join-ticket @ticket
              blixard node --config /etc/blixard/node.json
            """)

    @OptionGroup var options: NodeOptions

    @Option(
        name: .customLong("join-ticket"),
        help: ArgumentHelp(
            "A ticket of `blixard ticket create`, or @FILE that holds it: other users of the host see a ticket that "
                + "stands on the command line.", valueName: "ticket"))
    var joinTicket: String?

    @Option(
        name: .customLong("join-ticket-file"),
        help: ArgumentHelp("The same as --join-ticket @FILE.", valueName: "file"))
    var joinTicketFile: String?

    @Option(
        name: .customLong("join-address"),
        help: ArgumentHelp(
            "A member's bootstrap address, if the ticket's addresses are not those to use.", valueName: "url"))
    var joinAddress: String?

    @Option(
        name: .customLong("expect-key"),
        help: ArgumentHelp("A key to believe at --join-address besides the ticket's.", valueName: "hex"))
    var expectKey: String?

    func run(in world: World) async throws {
        if joinTicket != nil, joinTicketFile != nil {
            throw CommandFailure.error("--join-ticket and --join-ticket-file say the same: give one of them")
        }
        let settings = try options.settings(
            in: world,
            joining: [
                (.joinTicket, joinTicket ?? joinTicketFile.map { "@" + $0 }), (.joinAddress, joinAddress),
                (.expectedKey, expectKey),
            ])
        try await world.nodes.runNode(try NodeConfiguration(settings))
    }
}
