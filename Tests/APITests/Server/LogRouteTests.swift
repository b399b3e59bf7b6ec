import Contract
import JSONText
import Testing

@testable import API

@Suite("Console logs over HTTP")
struct LogRouteTests {
    private let path = "/blixard/v1/namespaces/default/virtualmachines/web/log"

    /// A server with a log of so many lines, each with its number.
    private func withLog(lines: Int, _ body: (TestServer, APIClient) async throws -> Void) async throws {
        try await withServer { server, client in
            server.backend.put([Samples.put(Samples.machine("web"))])
            var log: [UInt8] = []
            for line in 0..<lines { log += Array("\(1_000_000 + line) is what the guest printed\n".utf8) }
            server.backend.with { [log] in $0.console = log }
            try await body(server, client)
        }
    }

    private func read(_ answer: ByteAnswer) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await piece in answer { bytes += piece }
        return bytes
    }

    @Test("A log of any length comes whole, above all its end, and in pieces that fit")
    func whole() async throws {
        try await withLog(lines: 80_000) { server, client in
            let log = server.backend.with { $0.console }
            #expect(log.count > 2 << 20)
            let answer = try await client.bytes(path, query: [])
            #expect(try await read(answer) == log)
            #expect((answer.position.offset, answer.position.keptOffset) == (0, 0))
            #expect((answer.position.endOffset, answer.position.nextOffset) == (Int64(log.count), Int64(log.count)))
            #expect(server.backend.with { $0.largestPiece } <= 1 << 20)
            let tail = try await client.bytes(path, query: [("tailLines", "60000")])
            #expect(try await read(tail) == log.suffix(60_000 * 34))
            #expect(tail.position.offset == Int64(20_000 * 34))
        }
    }

    @Test("An answer says where it begins, and where what is kept does")
    func dropped() async throws {
        try await withLog(lines: 100) { server, client in
            server.backend.with { $0.consoleKept = 680 }
            let answer = try await client.bytes(path, query: [])
            #expect((answer.position.offset, answer.position.keptOffset, answer.position.endOffset) == (680, 680, 3400))
            #expect(try await read(answer).count == 2720)
        }
    }

    @Test("limitBytes bounds the whole answer, limit one piece", arguments: [1, 36, 1_500_000, 5_000_000])
    func limits(limit: Int) async throws {
        try await withLog(lines: 80_000) { server, client in
            let log = server.backend.with { $0.console }
            let answer = try await client.bytes(path, query: [("limitBytes", String(limit))])
            #expect(try await read(answer) == Array(log.prefix(limit)))
            #expect(
                answer.position.nextOffset == Int64(min(limit, log.count))
                    && answer.position.endOffset == Int64(log.count))
            let piece = try await client.bytes(path, query: [("limit", String(limit)), ("offset", "36")])
            let bytes = try await read(piece)
            #expect(bytes == Array(log[36...].prefix(min(limit, 4 << 20))))
            #expect(piece.position.nextOffset == Int64(36 + bytes.count))
        }
    }

    @Test(
        "The edges of numbers are answers",
        arguments: [
            ("offset", Int64(1) << 60), ("limit", Int64(Int32.max)), ("limitBytes", Int64(1) << 60),
            ("tailLines", Int64(Int32.max)),
        ])
    func edges(name: String, largest: Int64) async throws {
        try await withLog(lines: 3) { server, client in
            for value in [0, largest] {
                let bytes = try await read(try await client.bytes(path, query: [(name, String(value))]))
                let isEmpty = (value == 0) != (name == "offset")
                #expect(bytes.count == (isEmpty ? 0 : 102), "\(name)=\(value)")
            }
            for value in ["-1", String(largest + 1), "9223372036854775808", "x"] {
                let refused = await failure { () async throws(ClientFailure) in
                    try await client.bytes(path, query: [(name, value)]).position.offset
                }
                #expect(refused.code == 400, "\(name)=\(value)")
            }
        }
    }

    @Test("Bytes that are dropped while a log is sent are an error, and no gap")
    func droppedMeanwhile() async throws {
        try await withLog(lines: 80_000) { server, client in
            server.backend.with { $0.consoleDrops = 1_500_000 }
            let answer = try await client.bytes(path, query: [])
            let end = await failure { () async throws(ClientFailure) in
                let pieces = answer.makeAsyncIterator()
                while try await pieces.next() != nil {}
            }
            #expect(end.code == 410)
            #expect(end.status["message"]?.string?.contains("dropped its bytes") == true)
        }
    }
}
