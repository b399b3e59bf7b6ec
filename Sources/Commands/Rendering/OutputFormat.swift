import ArgumentParser
import JSONText

/// What `-o` asks for.
enum OutputFormat: Equatable {
    case table
    case wide
    case json
    case yaml
    case name
    case jsonPath(PathTemplate)
    case columns([CustomColumn])

    static let allowed = "json, yaml, name, wide, jsonpath=TEMPLATE, custom-columns=SPEC"

    init(_ text: String?) throws {
        guard let text else {
            self = .table
            return
        }
        switch text {
        case "json": self = .json
        case "yaml": self = .yaml
        case "name": self = .name
        case "wide": self = .wide
        default:
            if text.hasPrefix("jsonpath=") {
                self = .jsonPath(try PathTemplate(String(text.dropFirst("jsonpath=".count))))
            } else if text.hasPrefix("custom-columns=") {
                self = .columns(try CustomColumn.parse(String(text.dropFirst("custom-columns=".count))))
            } else {
                throw CommandFailure.error(
                    "unable to match a printer suitable for the output format \"\(text)\", "
                        + "allowed formats are: \(Self.allowed)")
            }
        }
    }

    /// Whether objects are printed as the server's table.
    var isTable: Bool { self == .table || self == .wide }
}

/// The flag `-o` of commands that print objects.
struct OutputOptions: ParsableArguments {
    @Option(
        name: [.customShort("o", allowingJoined: true), .long],
        help: ArgumentHelp("How to print: \(OutputFormat.allowed).", valueName: "format"))
    var output: String?

    func format() throws -> OutputFormat { try OutputFormat(output) }
}

extension JSON {
    /// The value for people, with a line feed at its end.
    var prettyText: String { String(decoding: prettyBytes, as: UTF8.self) + "\n" }

    /// The value in one line.
    var compactText: String {
        var bytes: [UInt8] = []
        appendCompact(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
