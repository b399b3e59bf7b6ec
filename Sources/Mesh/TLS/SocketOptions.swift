import NIOCore

extension NIOBSDSocket.Option {
    /// Linux's TCP_USER_TIMEOUT: milliseconds that sent bytes may stay unacknowledged (tcp(7)).
    static let userTimeout = NIOBSDSocket.Option(rawValue: 18)
    /// Linux's TCP_NOTSENT_LOWAT: how many bytes may wait unsent in the kernel (tcp(7)). What waits there can't be
    /// overtaken by anything urgent.
    static let unsentLowWater = NIOBSDSocket.Option(rawValue: 25)
}
