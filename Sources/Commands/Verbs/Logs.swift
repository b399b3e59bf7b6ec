import ArgumentParser
import JSONText
import Manifest

/// `blixard logs`: what a machine wrote to its console.
struct Logs: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Print what a machine wrote to its serial console.",
        discussion: """
            A terminal shows control characters of the guest as text; anything else gets the bytes as they are. A log is \
            bounded by dropping its beginning, and what is missing is said on standard error.

            Examples:
              blixard logs vm/web
              blixard logs web --tail 20 -f
              blixard logs web --limit-bytes 65536 > console.log
            """)

    @Argument(help: ArgumentHelp("vm/NAME or NAME", valueName: "machine"), completion: .objects)
    var machine: String

    @OptionGroup var options: LogOptions

    func run(in world: World) async throws { try await options.print(machine, in: world) }
}

/// A machine by `NAME`, `vm/NAME` or any other spelling of the type.
struct MachineName {
    let name: String

    init(_ text: String) throws {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, !parts.contains("") else {
            throw CommandFailure.error("\"\(text)\" names no machine: write NAME or vm/NAME")
        }
        if parts.count == 2 {
            let kind = try KindInfo.parse(String(parts[0]))
            guard kind == .virtualMachine else {
                throw CommandFailure.error("\"\(text)\" is no machine: only machines can be meant here, as vm/NAME")
            }
        }
        name = String(parts[parts.count - 1])
    }
}
