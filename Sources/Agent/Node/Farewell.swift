import API
import Mesh

/// How a node stops serving: whoever has asked gets an answer, nobody new is let in, and only then are connections closed.
///
/// The node itself goes on meanwhile: what is being written still commits.
struct Farewell {
    struct Patience {
        /// How long requests may take that are under way.
        var requestMilliseconds: Int64
        /// How long those that took longer may then take to tell that nothing is known.
        var lastWordMilliseconds: Int64
        /// What is written needs a moment to go out.
        var flushMilliseconds: Int64

        static let standard = Patience(requestMilliseconds: 2000, lastWordMilliseconds: 300, flushMilliseconds: 100)
    }

    let server: MeshServer
    let http: HTTPService
    let patience: Patience
    /// Tells those who wait for the replica that nothing is known.
    let failWaiting: @Sendable () -> Void

    func perform() async {
        await server.stopListening()
        http.endStreams()
        if await !http.drain(milliseconds: patience.requestMilliseconds) {
            failWaiting()
            // Whoever has no answer by then gets none.
            _ = await http.drain(milliseconds: patience.lastWordMilliseconds)
        }
        await server.shutdown(graceMilliseconds: patience.flushMilliseconds)
    }
}
