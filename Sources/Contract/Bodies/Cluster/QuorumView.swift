import JSONText

/// What the answering node knows of the voters.
public struct QuorumView: Equatable, Sendable {
    public var voters: Int
    /// How many of them must answer.
    public var needed: Int
    /// How many of them are connected, the node itself included.
    public var connected: Int
    /// Whether a leader has been confirmed by a quorum lately.
    public var has: Bool

    public init(voters: Int, needed: Int, connected: Int, has: Bool) {
        self.voters = voters
        self.needed = needed
        self.connected = connected
        self.has = has
    }

    init(reader: AnswerReader) throws(AnswerMismatch) {
        self.init(
            voters: try reader.number("voters", in: 0...Int.max), needed: try reader.number("needed", in: 0...Int.max),
            connected: try reader.number("connected", in: 0...Int.max), has: try reader.flag("has"))
    }

    var json: JSON {
        [
            "voters": .integer(Int64(voters)), "needed": .integer(Int64(needed)),
            "connected": .integer(Int64(connected)), "has": .bool(has),
        ]
    }
}
