import NIOCore
import Synchronization

/// The idle connections of a client, at most one for each endpoint, and which endpoint answered last.
final class ConnectionPool: Sendable {
    private struct State {
        /// By the endpoint's position.
        var idle: [ClientConnection?]
        /// The position of the endpoint that is tried first.
        var preferred = 0
        /// Then no connection is kept.
        var isClosed = false
    }

    private let transport: any ClientTransport
    private let state: Mutex<State>

    init(transport: any ClientTransport, endpointCount: Int) {
        self.transport = transport
        state = Mutex(State(idle: Array(repeating: nil, count: endpointCount)))
    }

    /// The endpoints' positions in the order in which they should be tried.
    var order: [Int] {
        state.withLock { state in
            guard !state.idle.isEmpty else { return [] }
            return state.idle.indices.map { ($0 + state.preferred) % state.idle.count }
        }
    }

    /// Begins with this endpoint from now on.
    func prefer(_ position: Int) {
        state.withLock { $0.preferred = position }
    }

    /// An open connection, and whether it was used before.
    func connection(
        to endpoint: Endpoint, at position: Int, mayReuse: Bool, timeoutMilliseconds: Int64
    ) async throws(ConnectFailure) -> (connection: ClientConnection, isReused: Bool) {
        if mayReuse, let idle = takeIdle(position) {
            if await idle.isReusable() { return (idle, true) }
            idle.close()
        }
        return (
            try await ClientConnection.open(transport, to: endpoint, timeoutMilliseconds: timeoutMilliseconds), false
        )
    }

    /// Takes a connection back after an exchange; one that can't be used again is closed.
    func giveBack(_ connection: ClientConnection, at position: Int) async {
        guard await connection.isReusable() else { return connection.close() }
        let surplus: ClientConnection? = state.withLock { state in
            guard !state.isClosed, state.idle[position] == nil else { return connection }
            state.idle[position] = connection
            return nil
        }
        surplus?.close()
    }

    func closeIdle() {
        let idle = state.withLock { state in
            state.isClosed = true
            defer { state.idle = state.idle.map { _ in nil } }
            return state.idle
        }
        for connection in idle { connection?.close() }
    }

    private func takeIdle(_ position: Int) -> ClientConnection? {
        state.withLock { state in
            defer { state.idle[position] = nil }
            return state.idle[position]
        }
    }
}
