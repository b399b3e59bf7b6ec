import DiskFaults
import Journal
import Raft
import Testing

/// A log that nothing is wrong with, to be damaged.
enum SoundLog {
    /// A sealed log of three segments with a snapshot.
    static func make() throws -> (image: DiskImage, recovered: RecoveredJournal) {
        let disk = Fixture.disk()
        let parameters = JournalParameters(
            segmentBytes: 6144, hardStateBytes: 1024, reserveBytes: 0, snapshotChunkBytes: 100)
        let log = try Fixture.create(on: disk, parameters: parameters)
        try log.append([JournalWrite(hardState: Fixture.state(1, vote: 3), entries: [Fixture.entry(1, 1, bytes: 300)])])
        try log.append([
            JournalWrite(hardState: Fixture.state(1, vote: 3, commit: 1), entries: [Fixture.entry(2, 1, bytes: 300)])
        ])
        try log.append([JournalWrite(entries: [Fixture.entry(3, 1, bytes: 700)])])
        try log.saveSnapshot(Fixture.snapshot(2, 1, bytes: 150))
        try log.append([JournalWrite(entries: [Fixture.entry(4, 1, bytes: 600)])])
        try log.append([JournalWrite(hardState: Fixture.state(2, vote: 3, commit: 4), entries: [Fixture.entry(5, 2)])])
        try log.seal()
        try #require(log.segmentCount == 3)
        log.close()
        return (disk.image, try Fixture.recover(from: disk.image))
    }

    static func files(of image: DiskImage, _ suffix: String) -> [(path: String, file: Int)] {
        image.visibleNames.filter { $0.key.hasSuffix(suffix) }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
