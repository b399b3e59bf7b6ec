import ArgumentParser

/// `blixard config`: which clusters this user knows.
struct Config: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "List contexts and choose one.",
        subcommands: [GetContexts.self, CurrentContext.self, UseContext.self])

    struct GetContexts: ProgramCommand {
        static let configuration = CommandConfiguration(
            commandName: "get-contexts", abstract: "List the contexts.",
            discussion: """
                Examples:
                  blixard config get-contexts
                """)

        func run(in world: World) async throws {
            let file = try ContextFile.load(from: Config.path(in: world))
            let rows = file.contexts.map { entry in
                [
                    entry.name == file.current ? "*" : "", entry.name, entry.clusterID, String(entry.members.count),
                    entry.identity,
                ]
            }
            try world.output.write(TableText.render([["CURRENT", "NAME", "CLUSTER", "MEMBERS", "IDENTITY"]] + rows))
        }
    }

    struct CurrentContext: ProgramCommand {
        static let configuration = CommandConfiguration(
            commandName: "current-context", abstract: "Print the name of the current context.",
            discussion: """
                Examples:
                  blixard config current-context
                """)

        func run(in world: World) async throws {
            guard let entry = try ContextFile.load(from: Config.path(in: world)).currentEntry else {
                throw CommandFailure.error("current-context is not set")
            }
            try world.output.line(entry.name)
        }
    }

    struct UseContext: ProgramCommand {
        static let configuration = CommandConfiguration(
            commandName: "use-context", abstract: "Choose the context that commands use.",
            discussion: """
                Examples:
                  blixard config use-context default
                """)

        @Argument(help: "The name of a context.", completion: .objects)
        var name: String

        func run(in world: World) async throws {
            let path = try Config.path(in: world)
            var file = try ContextFile.load(from: path)
            guard file.contexts.contains(where: { $0.name == name }) else {
                throw CommandFailure.error("no context exists with the name: \"\(name)\"")
            }
            file.current = name
            try file.save(to: path)
            try world.output.line("Switched to context \"\(name)\".")
        }
    }

    static func path(in world: World) throws -> String {
        guard let path = ContextFile.path(in: world.environment) else {
            throw CommandFailure.error("there is no home directory: set BLIXARD_CONTEXT to the file of contexts")
        }
        return path
    }
}
