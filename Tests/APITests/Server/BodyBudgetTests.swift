import NIOCore
import NIOPosix
import Primitives
import Testing

@testable import API

@Suite("Bodies in memory")
struct BodyBudgetTests {
    private func key(_ byte: UInt8) -> PublicKey { PublicKey([UInt8](repeating: byte, count: 32))! }

    private static var limits: HTTPLimits {
        var limits = HTTPLimits.standard
        (limits.bodyBytesPerKey, limits.bodyBytesInAll) = (1000, 1500)
        return limits
    }

    @Test("One key, and all keys together, get no more than their part, and all of it again")
    func budget() {
        let budget = BodyBudget(Self.limits)
        #expect(budget.take(600, of: key(1)))
        #expect(!budget.take(401, of: key(1)))
        #expect(budget.take(400, of: key(1)))
        #expect(!budget.take(501, of: key(2)))
        #expect(budget.take(500, of: key(2)))
        #expect(!budget.take(.max, of: key(3)))
        for (bytes, owner) in [(600, 1), (400, 1), (500, 2)] { budget.give(back: bytes, of: key(UInt8(owner))) }
        #expect(budget.taken == 0)
        #expect(budget.take(1000, of: key(1)))
    }

    @Test("A slow body holds its room until its connection ends; another is told to come back meanwhile")
    func slowBody() async throws {
        try await withServer(limits: Self.limits) { server, _ in
            let slow = try await connect(server, "Content-Length: 900\r\n\r\n{")
            let service = server.service
            #expect(await eventually { service.budget.taken == 900 })
            let answer = try await answer(server, "Content-Length: 200\r\n\r\n" + String(repeating: " ", count: 200))
            #expect(answer.hasPrefix("HTTP/1.1 429"), "\(answer)")
            #expect(answer.lowercased().contains("retry-after: 1"))
            try await slow.close().get()
            #expect(await eventually { service.budget.taken == 0 })
            let later = try await self.answer(server, "Content-Length: 2\r\n\r\n{}")
            #expect(!later.hasPrefix("HTTP/1.1 429"), "\(later)")
            #expect(await eventually { service.budget.taken == 0 })
        }
    }

    @Test("A body of unknown length takes what it may have at most")
    func chunked() async throws {
        var limits = HTTPLimits.standard
        limits.bodyBytes = 1000
        (limits.bodyBytesPerKey, limits.bodyBytesInAll) = (1500, 1500)
        try await withServer(limits: limits) { server, _ in
            let slow = try await connect(server, "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n")
            let service = server.service
            #expect(await eventually { service.budget.taken == 1000 })
            try await slow.close().get()
            #expect(await eventually { service.budget.taken == 0 })
        }
    }

    private static let head = "POST /blixard/v1/plan HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"

    /// A connection that has sent the beginning of a request.
    private func connect(_ server: TestServer, _ rest: String) async throws -> any Channel {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: server.port).get()
        try await channel.writeAndFlush(ByteBuffer(string: Self.head + rest)).get()
        return channel
    }

    private func answer(_ server: TestServer, _ rest: String) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: server.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: Self.head + rest))
            var answer = ""
            for try await buffer in inbound { answer += String(buffer: buffer) }
            return answer
        }
    }
}
