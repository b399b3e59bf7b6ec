import ArgumentParser
import Host
import Primitives

/// `blixard cluster init`: founds a cluster, once.
struct ClusterInit: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Found a cluster with this host's node as its first member.",
        discussion: """
            It writes the first entry of the log, with your key as the administrator's, and a context, so that other \
            commands find the cluster. Then run the node with the line that it prints.

            Examples:
              blixard cluster init --id 1 --bind 127.0.0.1:7001 --data-dir data
            """)

    @OptionGroup var options: NodeOptions

    @Option(help: ArgumentHelp("The file with your private key; created if it is not there.", valueName: "file"))
    var identity: String?

    @Option(name: .customLong("context"), help: ArgumentHelp("What the context is called.", valueName: "name"))
    var contextName: String?

    func run(in world: World) async throws {
        var configuration = try NodeConfiguration(try options.settings(in: world, joining: []))
        if configuration.id == nil { configuration.id = 1 }
        guard configuration.bind != nil else {
            throw CommandFailure.error("--bind is needed: the host:port of the mesh, such as 127.0.0.1:7001")
        }
        if let contextName { try refuseTaken(contextName, in: world) }
        let administrator = try Administrator(identity, in: world)
        let founded = try await world.nodes.initializeCluster(
            configuration, administrator: administrator.key, administratorName: administrator.name)
        let entry = ContextFile.Entry(
            name: contextName ?? "cluster-\(founded.clusterID.prefix(8))", clusterID: founded.clusterID,
            identity: administrator.path, members: [founded.member], dataDirectory: nil)
        let remembered = try entry.remember(in: world)
        try world.output.line(
            "cluster \(founded.clusterID) founded with \(founded.member.name) (\(founded.member.key))")
        try world.output.line("administrator: \(administrator.key), in \(administrator.path)")
        try world.output.lines(remembered.text)
        try world.output.lines("run the node:\n  " + ShellWords.join(["blixard"] + configuration.commandLine))
    }

    /// A name that was chosen is never another cluster's: said before anything is founded.
    private func refuseTaken(_ name: String, in world: World) throws {
        let path = try Config.path(in: world)
        guard let taken = try ContextFile.load(from: path).contexts.first(where: { $0.name == name }) else { return }
        throw CommandFailure.error(
            "--context \"\(name)\" is the context of the cluster \(taken.clusterID) in \(path): choose another name")
    }
}

/// Whose key a new cluster's administrator has.
struct Administrator {
    let path: String
    let key: PublicKey
    let name: String

    /// The named file, else `BLIXARD_IDENTITY`, else `identity.key` beside the file of contexts; made if there is none.
    init(_ named: String?, in world: World) throws {
        let path: String
        if let given = named ?? world.variable("BLIXARD_IDENTITY") {
            path = given
        } else {
            let directory = UserDirectories.parent(of: try Config.path(in: world))
            do {
                try DurableFile.createDirectory(directory)
            } catch {
                throw CommandFailure.error("\(directory): it can't be created: \(error)")
            }
            path = directory + "/identity.key"
        }
        // The context is read from other directories too.
        self.path = LocalFiles.absolute(path)
        key = try world.access.identity(at: self.path, create: true)
        name = world.variable("USER") ?? world.variable("LOGNAME") ?? "admin"
    }
}

extension ContextFile.Entry {
    /// Makes this the current context, under a name that no other cluster has.
    ///
    /// - Returns: What to say of it: which context was written, and which one was current before.
    func remember(in world: World) throws -> Remembered {
        let path = try Config.path(in: world)
        var file = try ContextFile.load(from: path)
        var entry = self
        entry.name = file.name(for: name, clusterID: clusterID, dataDirectory: dataDirectory)
        let before = file.current
        file.use(entry)
        try file.save(to: path)
        return Remembered(name: entry.name, path: path, before: before.isEmpty || before == entry.name ? nil : before)
    }

    /// A context that was written, and is the current one now.
    struct Remembered {
        let name: String
        let path: String
        /// The one that was current until then, if it is another.
        let before: String?

        var text: String {
            let current = "context \"\(name)\" is the current one now, in \(path)"
            guard let before else { return current.harmless }
            return "\(current) (before: \"\(before)\")".harmless + "\nback to that one:\n  "
                + ShellWords.join(["blixard", "config", "use-context", before])
        }
    }
}
