import ArgumentParser
import Primitives

/// Which cluster, and under which identity: the flags of every command that asks one.
struct ConnectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A registry file, a ticket, @FILE that holds a ticket, or host:port of a member. Env: BLIXARD_NODE_ADDR.",
            valueName: "addr"))
    var addr: String?

    @Option(help: ArgumentHelp("The file with your private key. Env: BLIXARD_IDENTITY.", valueName: "file"))
    var identity: String?

    @Option(
        name: .customLong("expect-key"),
        help: ArgumentHelp("The key that the node at host:port must show, 64 hex digits.", valueName: "hex"))
    var expectKey: String?

    @Option(help: ArgumentHelp("A context by name instead of the current one.", valueName: "name"))
    var context: String?

    /// Opens the connection that these flags, the environment and the context file mean, in that order.
    func connect(in world: World) throws -> any ClusterConnection {
        try world.access.connect(request(in: world))
    }

    func request(in world: World) throws -> ConnectionRequest {
        let expected = try expectKey.map { text throws(CommandFailure) -> PublicKey in
            guard let key = PublicKey(hex: text) else {
                throw .error("--expect-key \"\(text)\" is no key: it must be 64 hexadecimal digits")
            }
            return key
        }
        let address =
            addr.map { ($0, "--addr") }
            ?? world.variable("BLIXARD_NODE_ADDR").map { ($0, "BLIXARD_NODE_ADDR") }
        let named = identity ?? world.variable("BLIXARD_IDENTITY")
        // A named context must be there; the current one is needed only for what flags and environment leave open.
        let entry: ContextFile.Entry?
        if context != nil || address == nil || named == nil || expected == nil {
            entry = try storedContext(in: world, required: context != nil || address == nil)
        } else {
            entry = nil
        }
        guard let identityPath = named ?? entry?.identity else {
            throw CommandFailure.error(
                """
                no key to identify with: pass --identity FILE or set BLIXARD_IDENTITY
                `blixard up` and `blixard cluster init` create one and keep it in the context \
                \(ContextFile.path(in: world.environment) ?? "(no home directory)")
                """)
        }
        return ConnectionRequest(
            address: try address.map { try TicketFile.text(of: $0.0) }, addressOrigin: address?.1 ?? "the context",
            identityPath: identityPath,
            expectedKey: expected, members: entry?.members ?? [])
    }

    private func storedContext(in world: World, required: Bool) throws -> ContextFile.Entry? {
        guard let path = ContextFile.path(in: world.environment) else {
            if required { throw CommandFailure.error(Self.noCluster) }
            return nil
        }
        let file = try ContextFile.load(from: path)
        if let context {
            guard let entry = file.contexts.first(where: { $0.name == context }) else {
                let names = file.contexts.map(\.name).sorted()
                let known = names.isEmpty ? "none" : names.map(\.harmless).joined(separator: ", ")
                let nearest = EditDistance.nearest(to: context, among: names)
                let near = nearest.map { "; did you mean \"\($0.harmless)\"?" } ?? ""
                throw CommandFailure.error(
                    "no context \"\(context.harmless)\" in \(path.harmless): there are \(known)" + near)
            }
            return entry
        }
        if let entry = file.currentEntry { return entry }
        if required { throw CommandFailure.error(Self.noCluster) }
        return nil
    }

    private static let noCluster = """
        no cluster is named: pass --addr, or set BLIXARD_NODE_ADDR, to a registry file, a ticket, @FILE with one, or \
        host:port
        `blixard up` starts a cluster on this host and remembers it
        """
}
