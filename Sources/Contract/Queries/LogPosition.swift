/// Which part of a log an answer holds: its headers, each of them 0 or more, and nil where an answer does not say it.
public struct LogPosition: Equatable, Sendable {
    /// Where the bytes begin.
    public var offset: Int64?
    /// Where the next piece begins.
    public var nextOffset: Int64?
    /// Everything before this offset was dropped to bound the log.
    public var keptOffset: Int64?
    /// Where the log ended when the answer began.
    public var endOffset: Int64?

    public init(offset: Int64?, nextOffset: Int64?, keptOffset: Int64?, endOffset: Int64?) {
        self.offset = offset
        self.nextOffset = nextOffset
        self.keptOffset = keptOffset
        self.endOffset = endOffset
    }

    /// Reads the headers of an answer. What is no whole number of 0 or more is as if it had not been said.
    ///
    /// - Parameter header: The value of a header; nil where there is none.
    public init(header: (HeaderName) -> String?) {
        func number(_ name: HeaderName) -> Int64? { header(name).flatMap(QueryParameter.number) }
        self.init(
            offset: number(.offset), nextOffset: number(.nextOffset), keptOffset: number(.keptOffset),
            endOffset: number(.endOffset))
    }

    /// What a server sends.
    public var headers: [(HeaderName, String)] {
        [
            (HeaderName.offset, offset), (.nextOffset, nextOffset), (.keptOffset, keptOffset), (.endOffset, endOffset),
        ].compactMap { name, value in value.map { (name, String($0)) } }
    }
}
