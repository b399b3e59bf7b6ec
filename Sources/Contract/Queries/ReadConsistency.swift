/// How fresh a read must be.
public enum ReadConsistency: String, Equatable, Sendable, CaseIterable {
    /// Everything that was answered before the read began is in it.
    case linearizable
    /// What this node has applied, however old.
    case stale

    /// What a request's query asks for; linearizable unless it says otherwise.
    ///
    /// - Throws: 400 for another word.
    public init(query: QueryItems) throws(APIStatus) {
        switch query[.consistency] {
        case nil, "": self = .linearizable
        case let word?:
            guard let wanted = ReadConsistency(rawValue: word) else {
                let known = Self.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
                throw APIStatus(
                    .badRequest,
                    "query parameter consistency: Unsupported value: \"\(word)\": supported values: \(known)")
            }
            self = wanted
        }
    }

    /// The query that asks for it; empty for the usual one.
    public var query: [(String, String)] {
        self == .linearizable ? [] : [QueryParameter.consistency.item(rawValue)]
    }
}
