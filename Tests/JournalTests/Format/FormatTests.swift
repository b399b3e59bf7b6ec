import DiskFaults
import Host
import Primitives
import Raft
import Testing

@testable import Journal

@Suite("The format")
struct FormatTests {
    /// A log of one segment with these batches.
    private func disk(_ batches: [[JournalRecord]], snapshots: [LogPosition] = []) -> FaultyDisk {
        let head = SegmentHead(
            salt: 5, sequence: 1, firstIndex: LogIndex(1), segmentBytes: 8192, previousChain: 0, previousBatch: 0,
            hardState: .initial, snapshots: snapshots, identity: Fixture.identity)
        let encoded = head.encoded()
        var bytes = encoded
        var chain = head.firstChain
        for (position, records) in batches.enumerated() {
            let batch = Batch.encode(
                number: UInt64(position + 1), records: records, chain: chain, seed: head.seed)
            bytes += batch.bytes
            chain = batch.chain
        }
        let disk = Fixture.disk()
        disk.image.createDirectory(Fixture.directory)
        let name = JournalFileName.segment(sequence: 1, firstIndex: LogIndex(1))
        let file = disk.image.create(name.path(in: Fixture.directory))
        disk.image.setLength(8192, file: file)
        disk.image.write(bytes, at: 0, file: file)
        return disk
    }

    private func entry(_ index: UInt64, _ term: UInt64, bytes: Int = 20) -> JournalRecord {
        .entry(Fixture.entry(index, term, bytes: bytes))
    }

    private func hardState(_ term: UInt64, vote: UInt64? = nil, commit: UInt64 = 0) -> JournalRecord {
        .hardState(Fixture.state(term, vote: vote, commit: commit))
    }

    @Test("Batches that hold and make sense are read back")
    func sound() throws {
        let disk = disk([
            [hardState(1), entry(1, 1), entry(2, 1)], [hardState(2, vote: 1, commit: 1), entry(2, 2)], [],
        ])
        let recovered = try Fixture.open(on: disk).recovered
        #expect(recovered.entries == [Fixture.entry(1, 1), Fixture.entry(2, 2)])
        #expect(recovered.hardState == Fixture.state(2, vote: 1, commit: 1))
    }

    @Test("A batch that holds but continues another log is not taken")
    func otherChain() throws {
        let disk = disk([[hardState(1), entry(1, 1)]])
        let other = self.disk([[hardState(1), entry(1, 1, bytes: 21)], [entry(2, 1)]])
        let file = disk.image.visibleNames.values.first!
        let bytes = other.image.files[other.image.visibleNames.values.first!]!.visible
        // Both first batches have the same length, for the second to stand at the same place.
        let second = bytes.indices.filter { Array(bytes[$0...].prefix(4)) == Array("BLXB".utf8) }[1]
        disk.image.write(Array(bytes[second...]), at: second, file: file)
        let recovered = try Fixture.open(on: disk).recovered
        #expect(recovered.entries == [Fixture.entry(1, 1)])
        #expect(recovered.bytesCut > 0)
    }

    @Test("T35: Batches that hold and contradict each other, or the committed index, are refused")
    func contradictions() {
        let contradictions: [(String, [[JournalRecord]])] = [
            ("committed", [[hardState(1, commit: 2), entry(1, 1)]]),
            ("term", [[hardState(1), entry(1, 2)]]),
            ("entry 3 after", [[hardState(1), entry(1, 1), entry(3, 1)]]),
            ("of term", [[hardState(2), entry(1, 2), entry(2, 1)]]),
            ("vote", [[hardState(1, vote: 1)], [hardState(1, vote: 2)]]),
            ("vote", [[hardState(1, vote: 1)], [hardState(1)]]),
            ("term 1", [[hardState(2)], [hardState(1)]]),
            ("commit 1", [[hardState(1, commit: 2), entry(1, 1), entry(2, 1)], [hardState(1, commit: 1)]]),
            (
                "snapshot",
                [[hardState(1), entry(1, 1)], [.snapshotSaved(LogPosition(term: Term(1), index: LogIndex(2)))]]
            ),
            (
                "is not there",
                [[hardState(1), entry(1, 1)], [.snapshotSaved(LogPosition(term: Term(1), index: LogIndex(1)))]]
            ),
            ("is not there", [[.snapshotInstalled(LogPosition(term: Term(1), index: LogIndex(9)))]]),
        ]
        for (words, batches) in contradictions {
            let disk = disk(batches)
            let refusal = Fixture.refusal(on: disk)
            #expect(refusal?.exitCode == 70, "\(batches)")
            #expect(refusal?.description.contains(words) == true, "\(String(describing: refusal))")
        }
    }

    @Test("Entries within the snapshot that the log names are refused")
    func entryInSnapshot() throws {
        let position = LogPosition(term: Term(1), index: LogIndex(2))
        let disk = disk([[hardState(1), entry(1, 1), entry(2, 1)], [.snapshotSaved(position)], [entry(2, 1)]])
        try SnapshotFile.write(
            Fixture.snapshot(2, 1), clusterID: "c-1", on: disk, in: Fixture.directory, chunkBytes: 64)
        #expect(throws: JournalError.self) { try Fixture.open(on: disk) }
    }

    @Test("A snapshot of another term than the log's entry is refused")
    func snapshotOfOtherTerm() throws {
        let position = LogPosition(term: Term(2), index: LogIndex(1))
        let disk = disk([[hardState(2), entry(1, 1), entry(2, 2)], [.snapshotSaved(position)]])
        try SnapshotFile.write(
            Fixture.snapshot(1, 2), clusterID: "c-1", on: disk, in: Fixture.directory, chunkBytes: 64)
        #expect(throws: JournalError.self) { try Fixture.open(on: disk) }
    }

    @Test("A newer format is told apart from damage")
    func newerVersion() throws {
        let head = SegmentHead(
            salt: 5, sequence: 1, firstIndex: LogIndex(1), segmentBytes: 8192, previousChain: 0, previousBatch: 0,
            hardState: .initial, snapshots: [], identity: Fixture.identity)
        var bytes = head.encoded()
        bytes[8] = 2
        bytes.replaceSubrange(
            4092..<4096, with: withUnsafeBytes(of: CRC32C.checksum(bytes[..<4092]).littleEndian) { Array($0) })
        #expect(throws: JournalError.unknownVersion(file: "f", version: 2)) {
            try SegmentHead(decoding: bytes, file: "f")
        }
    }

    @Test("A segment's head says the log's whole state again, and is read back as it was")
    func headRoundTrip() throws {
        let head = SegmentHead(
            salt: .max, sequence: 3, firstIndex: LogIndex(.max / 2), segmentBytes: 64 << 20, previousChain: 7,
            previousBatch: 9, hardState: Fixture.state(4, vote: 2, commit: 8),
            snapshots: [
                LogPosition(term: Term(4), index: LogIndex(8)), LogPosition(term: Term(2), index: LogIndex(5)),
            ],
            identity: JournalIdentity(
                clusterID: String(repeating: "ü", count: 64), nodeID: NodeID(.max - 2), incarnation: .max))
        #expect(head.encoded().count == SegmentHead.byteCount)
        #expect(try SegmentHead(decoding: head.encoded(), file: "f") == head)
    }

    @Test("Names of files say their numbers, sort by them, and no other text is a name")
    func names() {
        let segment = JournalFileName.segment(sequence: 255, firstIndex: LogIndex(16))
        #expect(segment.text == "wal-00000000000000ff-0000000000000010.log")
        #expect(JournalFileName(segment.text) == segment)
        let snapshot = JournalFileName.snapshot(LogPosition(term: Term(2), index: LogIndex(.max)))
        #expect(snapshot.text == "snap-ffffffffffffffff-0000000000000002.snap")
        #expect(JournalFileName(snapshot.text) == snapshot)
        for text in ["", "wal-1-2.log", "wal-00000000000000FF-0000000000000010.log", "snap-.snap", "lock", "x.log"] {
            #expect(JournalFileName(text) == nil)
        }
    }

    @Test("A batch is laid out as written down")
    func layout() {
        let records: [JournalRecord] = [hardState(1, vote: 3, commit: 0), entry(1, 1)]
        var body = ByteWriter()
        for record in records { record.encode(into: &body) }
        var seed = Checksum()
        seed.update([5, 0, 0, 0, 0, 0, 0, 0] as [UInt8])
        let (bytes, chain) = Batch.encode(number: 2, records: records, chain: 0xa1b2_c3d4, seed: seed)
        #expect(bytes.count == Batch.byteCount(of: records))
        #expect(bytes.count % 8 == 0)
        #expect(Array(bytes[0..<4]) == Array("BLXB".utf8))
        #expect(Array(bytes[8..<16]) == [2, 0, 0, 0, 0, 0, 0, 0])
        #expect(Int(bytes[16]) == body.bytes.count)
        #expect(bytes[20] == 2 && bytes[24] == 1 && bytes[32] == 1 && bytes[40] == 1)
        #expect(Array(bytes[48..<52]) == [0xd4, 0xc3, 0xb2, 0xa1])
        #expect(Array(bytes[64..<64 + body.bytes.count]) == body.bytes)
        #expect(Array(bytes.suffix(8)) == [2, 0, 0, 0, 0, 0, 0, 0])
        #expect(chain != 0xa1b2_c3d4)
    }
}
