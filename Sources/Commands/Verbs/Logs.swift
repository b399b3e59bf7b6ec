import ArgumentParser
import JSONText
import Manifest

/// `blixard logs`: what a machine wrote to its console.
struct Logs: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Print what a machine wrote to its serial console.",
        discussion: """
            Examples:
              blixard logs vm/web
              blixard logs web --tail 20 -f
            """)

    @Argument(help: ArgumentHelp("vm/NAME or NAME", valueName: "machine"), completion: .objects)
    var machine: String

    @OptionGroup var options: LogOptions

    func run(in world: World) async throws { try await options.print(machine, in: world) }
}

/// Which part of a log, whoever names the machine.
struct LogOptions: ParsableArguments {
    @Flag(name: [.customShort("f"), .long], help: "Go on with what it writes, until interrupted.")
    var follow = false

    @Option(parsing: .unconditional, help: ArgumentHelp("Only the last lines; -1 for all of them.", valueName: "lines"))
    var tail = -1

    @OptionGroup var namespaceOptions: NamespaceOptions
    @OptionGroup var connectionOptions: ConnectionOptions

    /// Prints the log of a machine.
    func print(_ machine: String, in world: World) async throws {
        let name = try MachineName(machine).name
        guard (-1...Int(Int32.max)).contains(tail) else {
            throw CommandFailure.error("--tail \(tail) must be -1 to \(Int32.max)")
        }
        let client = try ClusterClient.open(connectionOptions, in: world)
        var query: [(String, String)] = []
        if tail >= 0 { query.append(("tailLines", String(tail))) }
        if follow { query.append(("follow", "true")) }
        let pieces = try await client.connection.bytes(
            APIPath.machine(namespaceOptions.namespace, name, "log"), query: query)
        var decoder = ConsoleText()
        do {
            for try await piece in pieces { try world.writeValues(decoder.text(of: piece)) }
        } catch let failure as ConnectionFailure {
            try world.writeValues(decoder.rest())
            throw failure
        }
        try world.writeValues(decoder.rest())
        await client.close()
    }
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

/// Puts bytes that arrive in pieces together to text, so that no character is cut in two.
struct ConsoleText {
    private var held: [UInt8] = []

    mutating func text(of piece: [UInt8]) -> String {
        var bytes = held + piece
        let cut = Self.incompleteTail(bytes)
        held = Array(bytes.suffix(cut))
        bytes.removeLast(cut)
        return String(decoding: bytes, as: UTF8.self)
    }

    mutating func rest() -> String {
        defer { held = [] }
        return String(decoding: held, as: UTF8.self)
    }

    /// How many bytes at the end begin a character or the end of a line that is not complete.
    private static func incompleteTail(_ bytes: [UInt8]) -> Int {
        // A carriage return may belong to the line feed that comes next.
        if bytes.last == 0x0d { return 1 }
        for back in 1...3 where back <= bytes.count {
            let byte = bytes[bytes.count - back]
            if byte & 0xc0 == 0x80 { continue }
            let length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
            return length > back ? back : 0
        }
        return 0
    }
}
