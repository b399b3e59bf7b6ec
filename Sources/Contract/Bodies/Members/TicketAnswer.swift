public import JSONText
public import Primitives

/// The answer to `POST /blixard/v1/tickets`.
public struct TicketAnswer: AnswerBody {
    public static let title = "the answer to a request for a ticket"

    /// What the newcomer is started with.
    public var ticket: String
    /// To the second.
    public var expiresAt: WallTime
    public var uses: Int

    public init(ticket: String, expiresAt: WallTime, uses: Int) {
        self.ticket = ticket
        self.expiresAt = expiresAt
        self.uses = uses
    }

    public init(_ reader: AnswerReader) throws(AnswerMismatch) {
        ticket = try reader.text("ticket")
        guard let expiry = WallTime(rfc3339: try reader.text("expiresAt")) else {
            throw reader.mismatch("expiresAt", "a time of RFC 3339")
        }
        expiresAt = expiry
        uses = try reader.number("uses", in: 1...Int.max)
    }

    public var json: JSON {
        ["ticket": .string(ticket), "expiresAt": .string(expiresAt.rfc3339), "uses": .integer(Int64(uses))]
    }
}
