/// Why a stream did not come about or did not reach its end.
public enum StreamFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// No connection, or the listener does not admit this node.
    case unreachable(MeshError)
    /// The other side does not take it, now or ever.
    case refused(reason: String)
    /// The other side may take it later.
    case busy(reason: String)
    /// The other side sent nothing, or read nothing, for this long.
    case stalled(milliseconds: Int64)
    /// The connection ended before the stream did; `missing` bytes were still to come, if that is known.
    case cut(missing: UInt64?)
    /// The other side broke the protocol.
    case violation(String)
    /// All bytes are there, and they are not those that were announced.
    case checksum
    /// This side ended before it had sent what it had announced.
    case unfinished(missing: UInt64)
    /// Ended by this side: cancelled, or closed.
    case closed

    public var description: String {
        switch self {
        case .unreachable(let error): "\(error)"
        case .refused(let reason): "the other side refuses the stream: \(reason)"
        case .busy(let reason): "the other side is busy: \(reason)"
        case .stalled(let milliseconds): "no progress for \(milliseconds) ms"
        case .cut(let missing?): "the connection ended \(missing) bytes before the end"
        case .cut(nil): "the connection ended before the stream did"
        case .violation(let problem): "the other side broke the protocol: \(problem)"
        case .checksum: "what arrived is not what was announced: the checksum differs"
        case .unfinished(let missing): "\(missing) announced bytes were never sent"
        case .closed: "the stream was closed"
        }
    }
}
