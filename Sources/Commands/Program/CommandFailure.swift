import Primitives

/// Why a command ends without having done what it was asked: the text for standard error, complete with its beginning
/// (`error: ...`), and the exit code.
struct CommandFailure: Error, Equatable {
    /// One line or several, without a line feed at the end. Empty when everything has been said already.
    var text: String
    var exitCode: Int32

    init(text: String, exitCode: Int32 = 1) {
        self.text = text
        self.exitCode = exitCode
    }

    /// Lines that hold values of others, each of which stays one line.
    init(lines: [String], exitCode: Int32 = 1) {
        self.init(text: lines.map(\.harmless).joined(separator: "\n"), exitCode: exitCode)
    }

    /// `error: MESSAGE`. The message may have several lines, so values of others in it must be `harmless`.
    static func error(_ message: String, exitCode: Int32 = 1) -> CommandFailure {
        CommandFailure(text: "error: " + message, exitCode: exitCode)
    }

    /// Everything was printed; only the exit code remains.
    static func silent(exitCode: Int32) -> CommandFailure { CommandFailure(text: "", exitCode: exitCode) }
}
