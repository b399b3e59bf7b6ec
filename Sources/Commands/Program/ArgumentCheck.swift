import ArgumentParser
import Primitives

/// What is wrong with a command line before any command looks at it.
enum ArgumentCheck {
    /// What is wrong with the words as the system hands them over: text is UTF-8, and what is none would be another
    /// word, or the name of another file.
    ///
    /// - Parameter words: Without the program's own name.
    static func problem(inBytes words: [[UInt8]]) -> String? {
        for (position, word) in words.enumerated() where String(validating: word, as: UTF8.self) == nil {
            return "word \(position + 1) of the command line is not UTF-8: \"\(String.harmless(bytes: word))\"; a "
                + "manifest whose name is not UTF-8 is read by the name of its directory, or from standard input: -f -"
        }
        return nil
    }

    /// Nil where nothing is.
    static func problem(in arguments: [String]) -> String? {
        // A shell that asks for completions hands over the empty word that it completes.
        if arguments.first?.hasPrefix("---") == true { return nil }
        return emptyWord(in: arguments) ?? unknownCommand(in: arguments)
    }

    /// An empty word is what a variable leaves that is not set. It never means everything, nor what stands without it.
    private static func emptyWord(in arguments: [String]) -> String? {
        for (position, argument) in arguments.enumerated() {
            if isEmpty(argument) {
                let place = position > 0 ? "the word after \"\(arguments[position - 1].harmless)\"" : "the first word"
                return "\(place) is empty, and an empty word means nothing: leave it away, or say what is meant"
            }
            guard argument.hasPrefix("-"), let equals = argument.firstIndex(of: "=") else { continue }
            if isEmpty(argument[argument.index(after: equals)...]) {
                return "\(argument[..<equals]) has an empty value, which means nothing: leave the flag away, or say "
                    + "what is meant"
            }
        }
        return nil
    }

    private static func isEmpty(_ word: some StringProtocol) -> Bool {
        word.unicodeScalars.allSatisfy(\.properties.isWhitespace)
    }

    /// A word where the name of a command is expected and none is.
    private static func unknownCommand(in arguments: [String]) -> String? {
        let words = arguments.first == "help" ? Array(arguments.dropFirst()) : arguments
        let path = CommandPath(of: words)
        let known = path.command.configuration.subcommands.map { $0._commandName }
        guard !known.isEmpty, words.count > path.words.count - 1 else { return nil }
        let word = words[path.words.count - 1]
        guard !word.hasPrefix("-"), word != "help" else { return nil }
        let near = EditDistance.nearest(to: word, among: known)
        let group = path.words.count > 1 ? " of \"\(path.text)\"" : ""
        return "unknown command \"\(word.harmless)\"\(group)"
            + (near.map { ", did you mean \"\($0)\"?" } ?? ": there are \(known.sorted().joined(separator: ", "))")
    }
}
