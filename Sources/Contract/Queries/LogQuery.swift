/// Which part of a machine's console log is asked for, all of it unless something is said.
public struct LogQuery: Equatable, Sendable {
    /// Where to begin, in bytes since the log's beginning.
    public var offset: Int64?
    /// One piece of at most so many bytes; nil for all that there is.
    public var limit: Int64?
    /// Begin so many lines before the end; ignored with an offset.
    public var tailLines: Int64?
    /// At most so many bytes in all.
    public var limitBytes: Int64?
    /// Whether the answer goes on as the log grows.
    public var follow: Bool

    public init(
        offset: Int64? = nil, limit: Int64? = nil, tailLines: Int64? = nil, limitBytes: Int64? = nil,
        follow: Bool = false
    ) {
        self.offset = offset
        self.limit = limit
        self.tailLines = tailLines
        self.limitBytes = limitBytes
        self.follow = follow
    }

    /// Reads a request's query, whose numbers are within their bounds.
    public init(_ query: QueryItems) {
        self.init(
            offset: query.number(.offset), limit: query.number(.limit), tailLines: query.number(.tailLines),
            limitBytes: query.number(.limitBytes), follow: query.isTrue(.follow))
    }

    /// What a client sends.
    public var items: [(String, String)] {
        var items: [(String, String)] = []
        if let limit { items.append(QueryParameter.limit.item(limit)) }
        if let offset { items.append(QueryParameter.offset.item(offset)) }
        if let tailLines { items.append(QueryParameter.tailLines.item(tailLines)) }
        if follow { items.append(QueryParameter.follow.item(true)) }
        if let limitBytes { items.append(QueryParameter.limitBytes.item(limitBytes)) }
        return items
    }
}
