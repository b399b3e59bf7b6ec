public import Mesh
public import NIOCore

extension HTTPService: ProtocolHandler {
    /// Serves HTTP on a connection of the mesh, also to keys that are not admitted: they get a `Status` that says why,
    /// and may join with a ticket.
    public func accept(_ connection: AcceptedConnection) -> EventLoopFuture<ConnectionTask?> {
        accept(connection.channel, peer: connection.peer).map { $0 }
    }
}
