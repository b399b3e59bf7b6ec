import ArgumentParser
import Contract
import JSONText
import Primitives

/// Which part of a log, whichever command names the machine.
struct LogOptions: ParsableArguments {
    @Flag(name: [.customShort("f"), .long], help: "Go on with what it writes, until interrupted.")
    var follow = false

    @Option(parsing: .unconditional, help: ArgumentHelp("Only the last lines; -1 for all of them.", valueName: "lines"))
    var tail = -1

    @Option(
        name: .customLong("limit-bytes"), parsing: .unconditional,
        help: ArgumentHelp("Print at most so many bytes.", valueName: "bytes"))
    var limitBytes: Int64?

    @OptionGroup var namespaceOptions: NamespaceOptions
    @OptionGroup var connectionOptions: ConnectionOptions

    /// Prints the log of a machine as it comes; what is left out is said on standard error.
    func print(_ machine: String, in world: World) async throws {
        let name = try MachineName(machine).name
        guard (-1...Int(Int32.max)).contains(tail) else {
            throw CommandFailure.error("--tail \(tail) must be -1 to \(Int32.max)")
        }
        let largest: Int64 = 1 << 60
        if let limitBytes, !(1...largest).contains(limitBytes) {
            throw CommandFailure.error("--limit-bytes \(limitBytes) must be 1 to \(largest)")
        }
        let client = try ClusterClient.open(connectionOptions, in: world)
        let query = LogQuery(tailLines: tail >= 0 ? Int64(tail) : nil, limitBytes: limitBytes, follow: follow)
        let path = OwnPath.log(namespace: namespaceOptions.namespace, machine: name)
        let log = try await client.connection.bytes(path.text, query: query.items)
        if log.keptOffset > 0, log.offset <= log.keptOffset {
            try world.errors.line("the log of \(name) begins at byte \(log.keptOffset): what came before was dropped")
        }
        let count = try await copy(log.pieces, to: world)
        let (end, overflows) = log.offset.addingReportingOverflow(count)
        if let limitBytes, count >= limitBytes, !overflows, end < log.endOffset {
            try world.errors.line(
                "--limit-bytes \(limitBytes) leaves out the bytes \(end) to \(log.endOffset) of the log of \(name)")
        }
        await client.close()
    }

    /// Prints the bytes as they are, or, where people watch, what is harmless of them; answers how many there were.
    private func copy(
        _ pieces: any AsyncSequence<[UInt8], any Error> & Sendable, to world: World
    ) async throws -> Int64 {
        var count: Int64 = 0
        var decoder = ConsoleText()
        do {
            for try await piece in pieces {
                count += Int64(piece.count)
                if world.outputIsWatched {
                    try world.output.write(exactly: decoder.text(of: piece))
                } else {
                    try world.output.write(bytes: piece)
                }
            }
        } catch let failure as ClientFailure {
            try world.output.write(exactly: decoder.rest())
            throw failure
        }
        try world.output.write(exactly: decoder.rest())
        return count
    }
}

/// Puts bytes that arrive in pieces together to harmless text, so that no character is cut in two.
struct ConsoleText {
    private var held: [UInt8] = []

    mutating func text(of piece: [UInt8]) -> String {
        var bytes = held + piece
        let cut = Self.incompleteTail(bytes)
        held = Array(bytes.suffix(cut))
        bytes.removeLast(cut)
        return String(decoding: bytes, as: UTF8.self).harmlessLines
    }

    mutating func rest() -> String {
        defer { held = [] }
        return String(decoding: held, as: UTF8.self).harmlessLines
    }

    /// How many bytes at the end begin a character, or an end of line, that is not complete.
    private static func incompleteTail(_ bytes: [UInt8]) -> Int {
        if bytes.last == UInt8(ascii: "\r") { return 1 }
        for back in 1...3 where back <= bytes.count {
            let byte = bytes[bytes.count - back]
            if byte & 0xc0 == 0x80 { continue }
            let length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
            return length > back ? back : 0
        }
        return 0
    }
}
