import ArgumentParser
import Contract
import Primitives

/// The whole program: parses the command line, runs the command, prints what went wrong.
public enum Program {
    /// Runs one command line to its end and answers the exit code: 0, 1 for every error (`diff`: 2), 70 for damage of a
    /// node's own data, 130 when interrupted, 141 when the output is not read any more.
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

    /// What is wrong with the command line's bytes; nil where nothing is.
    public static func problem(inWords words: [[UInt8]]) -> String? { ArgumentCheck.problem(inBytes: words) }

    /// Refuses to run, for a reason that lies in the process, and answers the exit code as for every error.
    public static func refuse(_ problem: String, in world: World) -> Int32 {
        // If this can't be written either, the exit code has to say it.
        try? world.errors.line("error: \(problem)")
        return errorExitCode(of: ArgumentForms.normalize(world.arguments))
    }

    private static func runParsed(in world: World) async throws(OutputClosed) -> Int32 {
        if let problem = ArgumentCheck.problem(in: world.arguments) {
            return try reportUsage("error: " + problem, world.arguments, in: world)
        }
        if CompletionCandidates.isRequest(world.arguments) { return try await complete(in: world) }
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

    /// Answers a shell that asks for completions.
    private static func complete(in world: World) async throws(OutputClosed) -> Int32 {
        let candidates = await CompletionCandidates(world: world).candidates(world.arguments)
        // The parser throws its answer, in the form of the shell that asks.
        let answer = CompletionCandidates.$found.withValue(candidates) { () -> (any Error)? in
            do {
                _ = try Blixard.parseAsRoot(world.arguments)
                return nil
            } catch {
                return error
            }
        }
        return try answer.map { (error) throws(OutputClosed) in
            try report(parsing: error, arguments: world.arguments, in: world)
        } ?? 0
    }

    /// What the parser threw: help that was asked for goes to standard output, everything else is a usage error.
    private static func report(
        parsing error: any Error, arguments: [String], in world: World
    ) throws(OutputClosed) -> Int32 {
        if Blixard.exitCode(for: error) == .success {
            try world.output.lines(Blixard.fullMessage(for: error, columns: 100))
            return 0
        }
        var message = Blixard.message(for: error)
        // The parser says which flag, and knows nothing of what may stand there.
        if message.hasSuffix("<\(DurationText.valueName)>'") { message += ": " + DurationText.rule }
        return try reportUsage(shown("error: " + message, in: world), arguments, in: world)
    }

    private static func reportUsage(
        _ text: String, _ arguments: [String], in world: World
    ) throws(OutputClosed) -> Int32 {
        try world.errors.lines(text)
        try world.errors.line("See '\(CommandPath(of: arguments).text) -h' for help and examples")
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
        case let edit as EditFailure: failure = edit.failure
        case let lost as ClientFailure: failure = CommandFailure(text: lost.text)
        case let file as FileFailure: failure = .error(file.description)
        case let node as NodeFailure: failure = .error(node.description, exitCode: node.exitCode)
        default: failure = .error("\(error)")
        }
        if !failure.text.isEmpty { try world.errors.lines(shown(failure.text, in: world)) }
        return failure.exitCode == 1 ? command.errorExitCode : failure.exitCode
    }

    /// An error in which the words of the command line stay on one line each: a script may pass on what others wrote.
    private static func shown(_ text: String, in world: World) -> String {
        var text = text
        for argument in world.arguments where argument.unicodeScalars.contains("\n") {
            let values = [argument] + argument.split(separator: "=", maxSplits: 1).dropFirst().map(String.init)
            for value in values { text = text.replacing(value, with: value.harmless) }
        }
        return text
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
                    $0._commandName == argument || $0.configuration.aliases.contains(argument)
                })
            else { break }
            command = next
            words.append(argument)
        }
    }

    var text: String { words.joined(separator: " ") }
}
