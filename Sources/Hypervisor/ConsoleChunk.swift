/// A piece of what a machine wrote to its serial console.
public struct ConsoleChunk: Equatable, Sendable {
    public var bytes: [UInt8]
    /// Where the next read goes on; equal to the asked offset while there is nothing new.
    public var nextOffset: Int64
    /// Everything before this offset was dropped to bound the log; 0 while all of it is there.
    public var truncatedBefore: Int64
    /// Where the log ended when it was read.
    public var endOffset: Int64

    public init(bytes: [UInt8], nextOffset: Int64, truncatedBefore: Int64, endOffset: Int64) {
        self.bytes = bytes
        self.nextOffset = nextOffset
        self.truncatedBefore = truncatedBefore
        self.endOffset = endOffset
    }
}
