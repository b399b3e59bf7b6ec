import NIOCore

/// Lets a close of both directions end as soon as the other side has answered it.
///
/// On a channel that allows half closure, the TLS handler takes the other side's `close_notify` for the end of one
/// direction even while it is closing both, and then sits out its shutdown deadline. So half closure ends with the wish
/// to close everything. Stands right behind the TLS handler for the whole life of a connection.
final class WholeCloseHandler: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if mode == .all {
            // A channel that is closed already has no options any more, and no need of them.
            try? context.channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: false)
        }
        context.close(mode: mode, promise: promise)
    }
}
