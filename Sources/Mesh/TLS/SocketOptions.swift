import Glibc
package import NIOCore

extension NIOBSDSocket.Option {
    /// Linux's TCP_USER_TIMEOUT: milliseconds that sent bytes may stay unacknowledged (tcp(7)).
    static let userTimeout = NIOBSDSocket.Option(rawValue: 18)
    /// Linux's TCP_NOTSENT_LOWAT: how many bytes may wait unsent in the kernel (tcp(7)). What waits there can't be
    /// overtaken by anything urgent.
    package static let unsentLowWater = NIOBSDSocket.Option(rawValue: 25)
}

extension Channel {
    /// Keeps the socket from programs that this one starts.
    ///
    /// The library below opens sockets without close-on-exec. A machine that inherited the listener would keep the port
    /// taken after the agent has gone. Call it on the channel's event loop.
    func closeOnExec() throws {
        try pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { socket in
            guard fcntl(socket, F_SETFD, FD_CLOEXEC) == 0 else {
                throw IOError(errnoCode: errno, reason: "fcntl")
            }
        }
    }
}
