import NIOCore

/// Lets a close wait until what was written before it has left, TLS's `close_notify` included.
///
/// Stands between the socket and TLS. TLS turns the end of the second direction into a close of everything, which would
/// throw away what the kernel has not taken yet: that alert at least, and then the other side could not tell the end
/// from a cut. It also comes before the event that says that the other direction has ended; so it is put off.
final class FlushingCloseHandler: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How long a close waits at most.
    var limitMilliseconds: Int64
    private var context: ChannelHandlerContext?
    /// Set from the first close on.
    private var timeout: Scheduled<Void>?

    init(limitMilliseconds: Int64) {
        self.limitMilliseconds = limitMilliseconds
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timeout?.cancel()
        self.context = nil
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        let loop = context.eventLoop.assumeIsolated()
        if timeout == nil {
            timeout = loop.scheduleTask(in: .milliseconds(limitMilliseconds)) { self.closeNow() }
        }
        // An empty write leaves after everything that was written before it.
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).assumeIsolated().whenComplete { [context] _ in
            loop.execute { context.close(mode: mode, promise: promise) }
        }
    }

    /// Closes the socket as it is, without a `close_notify`: the other side sees a cut.
    func closeNow() {
        context?.close(promise: nil)
    }
}
