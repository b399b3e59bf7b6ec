import Glibc
package import NIOCore

/// Stands in a listening channel and decides when it accepts: not beyond a number of open connections, and not while
/// the system has no descriptor for one more. What waits meanwhile waits in the kernel.
///
/// Without it a listener that can't accept is told of the waiting connection again and again, and does nothing else.
package final class AcceptGate: ChannelDuplexHandler {
    package typealias InboundIn = any Channel
    package typealias InboundOut = any Channel
    package typealias OutboundIn = Never
    package typealias OutboundOut = Never

    private let most: Int
    private let restMilliseconds: Int64
    private let longestRestMilliseconds: Int64
    private let couldNotAccept: (String) -> Void
    /// Connections that were accepted and are not closed.
    private var open = 0
    /// Whether the channel was asked to accept and has not been let.
    private var isReadDue = false
    /// Whether the system lacked descriptors a moment ago; nothing is accepted until the rest is over.
    private var isResting = false
    /// The channel reads no more by itself. An accept that failed leaves a read pending, for which the system would
    /// wake the channel as long as a connection waits.
    private var isPaused = false
    /// In milliseconds; back at the first one with each accepted connection.
    private var nextRest: Int64

    /// - Parameters:
    ///   - most: Connections that may be open at once.
    ///   - restMilliseconds: The first rest after the system had no descriptor; doubled up to the longest.
    ///   - couldNotAccept: Is told the system's error text, on the channel's event loop, once for each rest.
    package init(
        most: Int, restMilliseconds: Int64, longestRestMilliseconds: Int64,
        couldNotAccept: @escaping @Sendable (String) -> Void
    ) {
        precondition(most > 0 && restMilliseconds > 0, "\(most) connections, a rest of \(restMilliseconds) ms")
        self.most = most
        self.restMilliseconds = restMilliseconds
        self.longestRestMilliseconds = longestRestMilliseconds
        self.couldNotAccept = couldNotAccept
        nextRest = restMilliseconds
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let accepted = unwrapInboundIn(data)
        open += 1
        nextRest = restMilliseconds
        let loop = context.eventLoop
        let bound = NIOLoopBound((self, context), eventLoop: loop)
        accepted.closeFuture.whenComplete { _ in
            loop.execute {
                let (gate, context) = bound.value
                gate.open -= 1
                gate.readIfMay(context)
            }
        }
        context.fireChannelRead(data)
    }

    package func read(context: ChannelHandlerContext) {
        isReadDue = true
        readIfMay(context)
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let problem = error as? IOError else { return context.fireErrorCaught(error) }
        switch problem.errnoCode {
        case EMFILE, ENFILE, ENOBUFS, ENOMEM: rest(context, String(cString: strerror(problem.errnoCode)))
        // One that has gone before it was accepted.
        case ECONNABORTED: break
        default: context.fireErrorCaught(error)
        }
    }

    private func rest(_ context: ChannelHandlerContext, _ problem: String) {
        guard !isResting else { return }
        isResting = true
        isReadDue = true
        isPaused = setAutoRead(context, false)
        couldNotAccept(problem)
        context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(nextRest)) {
            self.isResting = false
            self.readIfMay(context)
        }
        nextRest = min(2 * nextRest, longestRestMilliseconds)
    }

    private func readIfMay(_ context: ChannelHandlerContext) {
        guard isReadDue, !isResting, open < most, context.channel.isActive else { return }
        isReadDue = false
        if isPaused, setAutoRead(context, true) {
            // That is a read by itself.
            isPaused = false
        } else {
            context.read()
        }
    }

    /// Whether the channel has taken it; one that is closed does not.
    private func setAutoRead(_ context: ChannelHandlerContext, _ isOn: Bool) -> Bool {
        guard let options = context.channel.syncOptions else { return false }
        do {
            try options.setOption(.autoRead, value: isOn)
            return true
        } catch {
            return false
        }
    }
}
