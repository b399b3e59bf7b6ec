import NIOCore

/// Closes a connection whose other side has stopped taking what is written to it.
///
/// A handler waits for its own writes, so a reader that takes nothing would hold its request without end.
final class StalledWriteHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = Any
    typealias InboundOut = Any
    typealias OutboundIn = Any
    typealias OutboundOut = Any

    private let patience: TimeAmount
    /// Writes that have not come through, and how many have since the connection began.
    private var pending = 0
    private var finished = 0
    /// Set while a write may be pending.
    private var watchdog: Scheduled<Void>?

    init(milliseconds: Int64) {
        patience = .milliseconds(milliseconds)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        pending += 1
        let written = promise ?? context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in
            self.pending -= 1
            self.finished += 1
        }
        if watchdog == nil { watch(context) }
        context.write(data, promise: written)
    }

    func channelInactive(context: ChannelHandlerContext) {
        watchdog?.cancel()
        watchdog = nil
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        watchdog?.cancel()
        watchdog = nil
    }

    /// One timer a while, not one for each write: it looks whether any write has come through since it was set.
    private func watch(_ context: ChannelHandlerContext) {
        let seen = finished
        watchdog = context.eventLoop.assumeIsolated().scheduleTask(in: patience) {
            self.watchdog = nil
            guard self.pending > 0 else { return }
            if self.finished == seen { return context.close(promise: nil) }
            self.watch(context)
        }
    }
}
