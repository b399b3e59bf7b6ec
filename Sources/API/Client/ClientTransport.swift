package import NIOCore

/// How a client reaches an endpoint: everything below HTTP.
package protocol ClientTransport: Sendable {
    /// Opens a connection to an endpoint that has proved to be who it should be.
    ///
    /// - Parameter configure: Puts the HTTP handlers into the pipeline before the first byte can arrive; called on the
    ///   channel's event loop.
    /// - Throws: If no connection is made in time, or the endpoint is another one.
    func connect(
        to endpoint: Endpoint, timeoutMilliseconds: Int64,
        configure: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) async throws(ConnectFailure) -> any Channel
}

/// Why an endpoint could not be reached, for people.
package struct ConnectFailure: Error, Equatable {
    package var reason: String

    package init(reason: String) {
        self.reason = reason
    }
}
