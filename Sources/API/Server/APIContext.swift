import Hummingbird
import Logging
import NIOCore
import Primitives
import Synchronization

/// What Hummingbird makes a request's context from.
struct PeerSource: RequestContextSource {
    let peer: PublicKey
    let channel: any Channel
    let logger: Logger
}

/// What a route knows of a request beside the request itself.
struct APIContext: RequestContext {
    typealias Source = PeerSource

    var coreContext: CoreRequestContextStorage
    /// The key that the caller has proved to own.
    let peer: PublicKey
    let channel: any Channel
    let body = BodyState()

    init(source: PeerSource) {
        coreContext = CoreRequestContextStorage(source: source)
        peer = source.peer
        channel = source.channel
    }

    /// Whether some of the request's body is still on its way and will not be read.
    final class BodyState: Sendable {
        private let leftUnread = Atomic(false)

        var isLeftUnread: Bool { leftUnread.load(ordering: .relaxed) }

        func leaveUnread() { leftUnread.store(true, ordering: .relaxed) }
        func wasRead() { leftUnread.store(false, ordering: .relaxed) }
    }
}
