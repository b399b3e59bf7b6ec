import API
import Mesh

/// How a node stops serving: nothing new is accepted, requests under way are answered, and only then are connections
/// closed.
///
/// The node itself goes on meanwhile: what is being written still commits.
struct GracefulShutdown {
    struct Timeouts {
        /// How long requests may take that are under way.
        var requestMilliseconds: Int64
        /// How long the others may then take to answer that nothing is known of their outcome.
        var failureMilliseconds: Int64
        /// What is written needs a moment to go out.
        var flushMilliseconds: Int64

        static let standard = Timeouts(requestMilliseconds: 2000, failureMilliseconds: 300, flushMilliseconds: 100)
    }

    let server: MeshServer
    let http: HTTPService
    let timeouts: Timeouts
    /// Fails what waits for the replica: nothing is known of its outcome.
    let failWaiting: @Sendable () -> Void

    func perform() async {
        await server.stopListening()
        http.endStreams()
        if await !http.drain(milliseconds: timeouts.requestMilliseconds) {
            failWaiting()
            // What has no answer by then gets none.
            _ = await http.drain(milliseconds: timeouts.failureMilliseconds)
        }
        await server.shutdown(graceMilliseconds: timeouts.flushMilliseconds)
    }
}
