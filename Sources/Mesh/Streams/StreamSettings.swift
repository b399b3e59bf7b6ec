/// The deadlines and bounds of streams.
public struct StreamSettings: Equatable, Sendable {
    /// For one dial over all addresses of a node.
    public var dialMilliseconds: Int64
    /// From the connection to the whole header, and from the header to the whole answer.
    public var headerMilliseconds: Int64
    /// A side that waits this long without ``progressBytes`` from the other, or without the other's reading anything,
    /// gives the stream up. Time in which this side wants nothing does not count.
    public var stallMilliseconds: Int64
    /// What counts as progress.
    public var progressBytes: Int
    /// How long a finished stream is read on so that its last words arrive.
    public var lingerMilliseconds: Int64
    /// Bytes that were handed to a connection and have not left yet, beyond which a writer waits.
    public var windowBytes: Int
    /// Bytes that arrived and were not asked for yet, beyond which nothing more is read from the socket.
    public var bufferBytes: Int
    /// Streams that a listener serves at once: of one key, and in all.
    public var streamsPerKey: Int
    public var streams: Int

    public init(
        dialMilliseconds: Int64, headerMilliseconds: Int64, stallMilliseconds: Int64, progressBytes: Int,
        lingerMilliseconds: Int64, windowBytes: Int, bufferBytes: Int, streamsPerKey: Int, streams: Int
    ) {
        precondition(
            stallMilliseconds > 0 && progressBytes > 0 && windowBytes > 0 && bufferBytes > StreamHeader.frameBytes + 4,
            "streams with a window of \(windowBytes) and a buffer of \(bufferBytes) bytes")
        self.dialMilliseconds = dialMilliseconds
        self.headerMilliseconds = headerMilliseconds
        self.stallMilliseconds = stallMilliseconds
        self.progressBytes = progressBytes
        self.lingerMilliseconds = lingerMilliseconds
        self.windowBytes = windowBytes
        self.bufferBytes = bufferBytes
        self.streamsPerKey = streamsPerKey
        self.streams = streams
    }

    /// For a few hundred nodes.
    public static let standard = StreamSettings(
        dialMilliseconds: 5000, headerMilliseconds: 10_000, stallMilliseconds: 15_000, progressBytes: 16 << 10,
        lingerMilliseconds: 1000, windowBytes: 512 << 10, bufferBytes: 256 << 10, streamsPerKey: 16, streams: 64)
}
