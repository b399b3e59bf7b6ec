public import JSONText

/// The body of `POST /blixard/v1/tickets`: a ticket that lets newcomers in.
public struct TicketRequest: RequestBody {
    /// How long it is good, from now; an hour unless given.
    public var ttlSeconds: Int64
    /// How many nodes it lets in; one unless given.
    public var uses: Int
    /// The name that the newcomer takes over; nil leaves newcomers the names that are free.
    public var node: String?

    public init(ttlSeconds: Int64, uses: Int, node: String?) {
        self.ttlSeconds = ttlSeconds
        self.uses = uses
        self.node = node
    }

    private static let usualSeconds: Int64 = 3600
    private static let largestSeconds: Int64 = 30 * 86_400

    /// - Throws: 422 for a number out of its bounds; 400 for another member that is wrong or not known.
    public init(json: JSON) throws(APIStatus) {
        let body = try json.fields(["ttlSeconds", "uses", "forNode"])
        ttlSeconds = body["ttlSeconds"].map { $0.integer ?? 0 } ?? Self.usualSeconds
        guard (1...Self.largestSeconds).contains(ttlSeconds) else {
            throw APIStatus(.invalid, "ttlSeconds must be a whole number of 1 to \(Self.largestSeconds)")
        }
        let uses = body["uses"].map { $0.integer ?? 0 } ?? 1
        guard (1...1000).contains(uses) else { throw APIStatus(.invalid, "uses must be a whole number of 1 to 1000") }
        self.uses = Int(uses)
        node = try body.text("forNode")
    }

    public var json: JSON {
        var json: JSON = ["ttlSeconds": .integer(ttlSeconds), "uses": .integer(Int64(uses))]
        json["forNode"] = node.map { .string($0) }
        return json
    }
}
