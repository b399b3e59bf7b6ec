import ArgumentParser

/// The whole program: parses the command line, runs the command, prints what went wrong.
public enum Program {
    /// Runs one command line to its end and answers the exit code: 0, 1 for every error (`diff`: 2), 130 when
    /// interrupted, 141 when nobody reads the output any more.
    public static func run(in world: World) async -> Int32 {
        do {
            return try await runParsed(in: world)
        } catch {
            guard let problem = error.problem else { return 141 }
            // If this can't be written either, the exit code has to say it.
            try? world.errors.line("error: the output can't be written: \(problem)")
            return errorExitCode(of: ArgumentForms.normalize(world.arguments))
        }
    }

    /// Refuses to run, for a reason that lies in the process, and answers the exit code as for every error.
    public static func refuse(_ problem: String, in world: World) -> Int32 {
        // If this can't be written either, the exit code has to say it.
        try? world.errors.line("error: \(problem)")
        return errorExitCode(of: ArgumentForms.normalize(world.arguments))
    }

    private static func runParsed(in world: World) async throws(OutputClosed) -> Int32 {
        let arguments = ArgumentForms.normalize(world.arguments)
        let command: any ParsableCommand
        do {
            command = try Blixard.parseAsRoot(arguments)
        } catch {
            return try report(parsing: error, arguments: arguments, in: world)
        }
        guard let runnable = command as? any ProgramCommand else {
            // A group without a verb, or the parser's own `help`.
            var group = command
            do {
                try group.run()
                return 0
            } catch {
                return try report(parsing: error, arguments: arguments, in: world)
            }
        }
        do {
            try await runnable.run(in: world)
            return 0
        } catch let closed as OutputClosed {
            throw closed
        } catch is CancellationError {
            return 130
        } catch is DiffersExit {
            return 1
        } catch {
            return try report(error, of: type(of: runnable), in: world)
        }
    }

    /// What the parser threw: help that was asked for goes to standard output, everything else is a usage error.
    private static func report(
        parsing error: any Error, arguments: [String], in world: World
    ) throws(OutputClosed) -> Int32 {
        if Blixard.exitCode(for: error) == .success {
            try world.output.line(Blixard.fullMessage(for: error, columns: 100))
            return 0
        }
        let path = CommandPath(of: arguments)
        try world.errors.line("error: " + Blixard.message(for: error))
        try world.errors.line("See '\(path.text) -h' for help and examples")
        return errorExitCode(of: arguments)
    }

    private static func errorExitCode(of arguments: [String]) -> Int32 {
        (CommandPath(of: arguments).command as? any ProgramCommand.Type)?.errorExitCode ?? 1
    }

    private static func report(
        _ error: any Error, of command: any ProgramCommand.Type, in world: World
    ) throws(OutputClosed) -> Int32 {
        let failure: CommandFailure
        switch error {
        case let known as CommandFailure: failure = known
        case let lost as ConnectionFailure: failure = CommandFailure(text: lost.text)
        case let file as FileFailure: failure = .error(file.description)
        default: failure = .error("\(error)")
        }
        if !failure.text.isEmpty { try world.errors.line(failure.text) }
        return failure.exitCode == 1 ? command.errorExitCode : failure.exitCode
    }
}

/// Which command a command line means, as far as it can be told from its words.
struct CommandPath {
    private(set) var command: any ParsableCommand.Type = Blixard.self
    private(set) var words = ["blixard"]

    init(of arguments: [String]) {
        for argument in arguments {
            guard
                let next = command.configuration.subcommands.first(where: {
                    ($0.configuration.commandName == argument) || $0.configuration.aliases.contains(argument)
                })
            else { break }
            command = next
            words.append(argument)
        }
    }

    var text: String { words.joined(separator: " ") }
}
