import Hummingbird
import Logging
import Mesh
import NIOCore
import Primitives
import Synchronization

/// What Hummingbird makes a request's context from.
struct PeerSource: RequestContextSource {
    let peer: PublicKey
    let channel: any Channel
    /// Nil where no listener counts connections.
    let place: ConnectionPlace?
    let budget: BodyBudget
    let outputBudget: OutputBudget
    let logger: Logger
}

/// What a route knows of a request beside the request itself.
struct APIContext: RequestContext {
    typealias Source = PeerSource

    var coreContext: CoreRequestContextStorage
    /// The key that the caller has proved to own.
    let peer: PublicKey
    let channel: any Channel
    let place: ConnectionPlace?
    let budget: BodyBudget
    let body = BodyState()
    /// What the answer holds until its reader has taken it.
    let output: OutputAccount

    init(source: PeerSource) {
        coreContext = CoreRequestContextStorage(source: source)
        peer = source.peer
        channel = source.channel
        place = source.place
        budget = source.budget
        output = OutputAccount(budget: source.outputBudget, peer: source.peer, channel: source.channel)
    }

    /// How much of the request's body was read.
    final class BodyState: Sendable {
        private enum Progress {
            static let untouched: UInt8 = 0
            static let begun: UInt8 = 1
            static let finished: UInt8 = 2
        }

        /// Only goes forward.
        private let progress = Atomic(Progress.untouched)
        private let taken = Atomic(0)

        var isUntouched: Bool { progress.load(ordering: .relaxed) == Progress.untouched }
        /// Whether all of it was read.
        var isRead: Bool { progress.load(ordering: .relaxed) == Progress.finished }

        /// What the body has taken of the budget.
        var takenBytes: Int { taken.load(ordering: .relaxed) }

        func take(_ bytes: Int) { taken.store(bytes, ordering: .relaxed) }
        func begin() { progress.store(Progress.begun, ordering: .relaxed) }
        func finish() { progress.store(Progress.finished, ordering: .relaxed) }
    }
}
