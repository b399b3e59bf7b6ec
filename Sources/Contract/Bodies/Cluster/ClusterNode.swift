public import JSONText

/// A member as the answering node knows it.
public struct ClusterNode: Equatable, Sendable {
    public var member: MemberContact
    /// `Leader`, `Follower`, `Learner`, `Candidate` or `Unknown`.
    public var role: String
    public var connected: Bool
    /// Since the answering node last heard of it; nil when it never did.
    public var lastHeardSeconds: Int64?
    /// Entries that it is behind the leader; nil where that is not known.
    public var lag: UInt64?
    /// Nil where it was not measured.
    public var roundTripMicroseconds: Int64?
    /// Whether it is the node that answers.
    public var isSelf: Bool

    public init(
        member: MemberContact, role: String, connected: Bool, lastHeardSeconds: Int64?, lag: UInt64?,
        roundTripMicroseconds: Int64?, isSelf: Bool
    ) {
        self.member = member
        self.role = role
        self.connected = connected
        self.lastHeardSeconds = lastHeardSeconds
        self.lag = lag
        self.roundTripMicroseconds = roundTripMicroseconds
        self.isSelf = isSelf
    }

    init(reader: AnswerReader) throws(AnswerMismatch) {
        self.init(
            member: try MemberContact(reader: reader), role: try reader.text("role"),
            connected: try reader.flag("connected"),
            lastHeardSeconds: try reader.optionalNumber("lastHeardSeconds", in: 0...Int64.max),
            lag: try reader.optionalNumber("lag", in: 0...UInt64(Int64.max)),
            roundTripMicroseconds: try Self.microseconds(reader), isSelf: try reader.flag("self"))
    }

    var json: JSON {
        var json = member.json
        json["role"] = .string(role)
        json["connected"] = .bool(connected)
        json["lastHeardSeconds"] = lastHeardSeconds.map { .integer($0) } ?? .null
        json["lag"] = lag.map { .integer(Int64(clamping: $0)) } ?? .null
        json["roundTripMilliseconds"] = roundTripMicroseconds.map(JSON.milliseconds) ?? .null
        json["self"] = .bool(isSelf)
        return json
    }

    private static let roundTripMilliseconds = "roundTripMilliseconds"

    private static func microseconds(_ reader: AnswerReader) throws(AnswerMismatch) -> Int64? {
        guard let value = reader.value(roundTripMilliseconds), !value.isNull else { return nil }
        // Beyond that, a day, microseconds would not be exact either.
        guard let milliseconds = value.double, (0...86_400_000).contains(milliseconds) else {
            throw reader.mismatch(roundTripMilliseconds, "a number of milliseconds, or null")
        }
        return Int64((milliseconds * 1000).rounded())
    }
}

extension JSON {
    /// Microseconds as milliseconds with at most three digits behind the point.
    public static func milliseconds(fromMicroseconds microseconds: Int64) -> JSON {
        if microseconds % 1000 == 0 { return .integer(microseconds / 1000) }
        // A quotient of two finite numbers is finite.
        return JSON(Double(microseconds) / 1000) ?? .null
    }
}
