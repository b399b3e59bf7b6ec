/// Sizes of a journal on disk. A log written with some can be read with any others.
public struct JournalParameters: Hashable, Sendable {
    /// How long a segment is, unless a single batch needs more. Reserved before it is used.
    public var segmentBytes: Int
    /// The end of each segment that entries must leave alone, so that a vote is recorded even when the disk is full.
    public var hardStateBytes: Int
    /// A file that only holds space: given up when a snapshot finds none, because only a snapshot can shorten the log.
    public var reserveBytes: Int
    /// How much of a snapshot shares one checksum.
    public var snapshotChunkBytes: Int
    /// Whether segments are filled with zeros before they are used. The first write to space that is only reserved
    /// changes the file's metadata, which costs a sync nearly half as much again; zeros cost one more write of each
    /// byte.
    public var fillsSegments = false

    public init(segmentBytes: Int, hardStateBytes: Int, reserveBytes: Int, snapshotChunkBytes: Int) {
        precondition(
            hardStateBytes >= 1024 && segmentBytes >= SegmentHead.byteCount + 2 * hardStateBytes,
            "segments of \(segmentBytes) bytes, \(hardStateBytes) of them kept")
        precondition(reserveBytes >= 0, "a reserve of \(reserveBytes) bytes")
        precondition(
            (1...SnapshotFile.maximumChunkBytes).contains(snapshotChunkBytes), "chunks of \(snapshotChunkBytes) bytes")
        self.segmentBytes = segmentBytes
        self.hardStateBytes = hardStateBytes
        self.reserveBytes = reserveBytes
        self.snapshotChunkBytes = snapshotChunkBytes
    }

    /// For nodes: segments and a reserve of 64 MiB, 1 MiB of each segment kept, chunks of 256 KiB, segments filled.
    public static let standard: JournalParameters = {
        var parameters = JournalParameters(
            segmentBytes: 64 << 20, hardStateBytes: 1 << 20, reserveBytes: 64 << 20, snapshotChunkBytes: 256 << 10)
        parameters.fillsSegments = true
        return parameters
    }()

    /// For tests, simulations and demonstrations of many nodes on one disk: segments of 64 KiB, no reserve,
    /// nothing filled.
    public static let small = JournalParameters(
        segmentBytes: 64 << 10, hardStateBytes: 4 << 10, reserveBytes: 0, snapshotChunkBytes: 4 << 10)
}
