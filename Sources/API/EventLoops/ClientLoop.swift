import NIOCore
import NIOPosix

/// One thread for many clients and their callers: what a load generator needs, which must not spend more on handing
/// work from thread to thread than on the work.
package final class ClientLoop: Sendable {
    let group: MultiThreadedEventLoopGroup
    /// Runs tasks on the thread of the connections.
    package let executor: any TaskExecutor

    package init() {
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        executor = EventLoopTaskExecutor(group.any())
    }

    /// After its clients are closed.
    ///
    /// - Throws: If the thread does not end in order.
    package func end() async throws {
        try await group.shutdownGracefully()
    }
}
