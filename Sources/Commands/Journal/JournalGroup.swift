import ArgumentParser

/// `blixard journal`: what a node's log holds, without the node.
struct JournalGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journal", abstract: "Look into a node's log on this host, without changing it.",
        subcommands: [JournalInspect.self, JournalVerify.self])
}

/// Which journal is meant.
struct JournalPlace: ParsableArguments {
    @Argument(
        help: ArgumentHelp("A node's data directory, or the `raft` directory in it.", valueName: "directory"))
    var directory: String

    /// The directory that holds the log's files.
    func path() throws -> String {
        var path = directory
        while path.count > 1, path.last == "/" { path.removeLast() }
        guard !path.isEmpty else {
            throw CommandFailure.error("the directory's name is empty: name a node's data directory")
        }
        let inner = path + "/raft"
        return try LocalFiles.kind(of: inner) == .directory ? inner : path
    }
}
