import Mesh
import NIOCore
import NIOPosix

/// The mesh's TLS, dialing nodes by their keys.
struct MeshTransport: ClientTransport {
    private let dialer: Dialer

    init(_ dialer: Dialer) {
        self.dialer = dialer
    }

    func connect(
        to endpoint: Endpoint, timeoutMilliseconds: Int64,
        configure: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) async throws(ConnectFailure) -> any Channel {
        guard let key = endpoint.key else {
            var failure = ConnectFailure(reason: "no address is known")
            for address in endpoint.addresses {
                do throws(ConnectFailure) {
                    return try await dial(.anyKey(address: address), timeoutMilliseconds, configure)
                } catch {
                    failure = error
                }
            }
            throw failure
        }
        return try await dial(.key(key, addresses: endpoint.addresses), timeoutMilliseconds, configure)
    }

    private func dial(
        _ target: DialTarget, _ timeoutMilliseconds: Int64,
        _ configure: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) async throws(ConnectFailure) -> any Channel {
        do throws(MeshError) {
            return try await dialer.dial(
                target, alpn: .http, timeoutMilliseconds: timeoutMilliseconds, configure: configure
            ).channel
        } catch {
            throw ConnectFailure(reason: error.description)
        }
    }
}
