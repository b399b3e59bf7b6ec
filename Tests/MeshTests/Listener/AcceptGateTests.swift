import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Mesh

@Suite struct AcceptGateTests {
    @Test("A listener accepts no more than it may have open, and goes on when one is closed")
    func most() async throws {
        let accepted = Mutex<[any Channel]>([])
        let listener = try await ServerBootstrap(group: Fixture.group)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        AcceptGate(most: 2, restMilliseconds: 1, longestRestMilliseconds: 1) { _ in })
                }
            }
            .serverChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelInitializer { channel in
                accepted.withLock { $0.append(channel) }
                return channel.eventLoop.makeSucceededVoidFuture()
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(listener.localAddress?.port)
        for _ in 0..<4 { _ = try await rawConnection(port: port) }
        for closed in 0..<2 {
            // A connection is among the accepted ones a little before it is open.
            try await eventually("two are open") { accepted.withLock { $0.count { $0.isActive } } == 2 }
            #expect(accepted.withLock { $0.count } == closed + 2)
            try await accepted.withLock { $0[closed] }.close().get()
        }
        try await eventually("all were accepted") { accepted.withLock { $0.count } == 4 }
        try await listener.close().get()
    }
}
