import Mesh
import NIOCore
import NIOPosix

/// Connections to a node's mesh port that are held and not used.
actor HeldConnections {
    private let address: String
    private var channels: [any Channel] = []

    init(port: Int) {
        address = "127.0.0.1:\(port)"
    }

    /// Opens connections, a few at a time, and answers how many came about. Those that the node closes again count too.
    func hold(_ count: Int, as identity: @escaping @Sendable () -> Identity) async -> Int {
        let address = address
        let opened = await withTaskGroup(of: [any Channel].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var opened: [any Channel] = []
                    for _ in 0..<count / 8 {
                        let dialer = Dialer(identity: identity(), group: MultiThreadedEventLoopGroup.singleton)
                        // A refusal is an answer that is expected here.
                        if let connection = try? await dialer.dial(
                            .anyKey(address: address), alpn: .http, timeoutMilliseconds: 10_000,
                            configure: { $0.eventLoop.makeSucceededVoidFuture() })
                        {
                            opened.append(connection.channel)
                        }
                    }
                    return opened
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        channels += opened
        return opened.count
    }

    func close() async {
        for channel in channels {
            // The node may have been quicker.
            try? await channel.close().get()
        }
        channels = []
    }
}
