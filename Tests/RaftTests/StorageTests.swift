import Raft
import Testing

@Suite("Memory storage")
struct StorageTests {
    private func storage() -> MemoryStorage {
        var storage = MemoryStorage()
        storage.append((1...6).map { entry(1, UInt64($0)) })
        return storage
    }

    @Test("entries that come again replace everything from there on")
    func overlap() throws {
        var storage = storage()
        storage.append([entry(2, 4), entry(2, 5)])
        #expect(storage.lastIndex == LogIndex(5))
        #expect((3...5).map { storage.term(at: LogIndex(UInt64($0)))?.rawValue } == [1, 2, 2])
    }

    @Test("entries that a snapshot covers are left out")
    func behindCompaction() throws {
        var storage = storage()
        try storage.compact(to: LogIndex(4))
        storage.append([entry(1, 3), entry(1, 4), entry(2, 5)])
        #expect(storage.firstIndex == LogIndex(5) && storage.lastIndex == LogIndex(5))
        #expect(storage.term(at: LogIndex(5)) == Term(2))
        storage.append([entry(1, 2)])
        #expect(storage.lastIndex == LogIndex(5))
    }

    @Test("entries that are compacted and entries that are not there yet are told apart")
    func bounds() throws {
        var storage = storage()
        try storage.compact(to: LogIndex(3))
        #expect(storage.term(at: LogIndex(2)) == nil && storage.term(at: LogIndex(3)) == Term(1))
        #expect(throws: RaftError.compacted(LogIndex(3))) {
            try storage.entries(LogIndex(3), LogIndex(5), maxBytes: .max)
        }
        #expect(throws: RaftError.unavailable(LogIndex(8))) {
            try storage.entries(LogIndex(4), LogIndex(8), maxBytes: .max)
        }
        #expect(throws: RaftError.compacted(LogIndex(3))) { try storage.compact(to: LogIndex(3)) }
        #expect(throws: RaftError.unavailable(LogIndex(7))) { try storage.compact(to: LogIndex(7)) }
    }

    @Test(
        "a limit of bytes cuts a read of entries, but not below one entry",
        arguments: [(0, 1), (25, 1), (50, 2), (1000, 6)] as [(UInt64, Int)])
    func limits(_ limit: UInt64, _ count: Int) throws {
        #expect(try storage().entries(LogIndex(1), LogIndex(7), maxBytes: limit).count == count)
    }

    @Test("a snapshot replaces the log only if it is newer")
    func snapshots() throws {
        var storage = storage()
        let state = ConfState(voters: [NodeID(1)])
        try storage.createSnapshot(at: LogIndex(4), confState: state, data: [1])
        #expect(storage.confState == state && storage.firstIndex == LogIndex(1))
        #expect(throws: RaftError.snapshotOutOfDate(given: LogIndex(4), stored: LogIndex(4))) {
            try storage.createSnapshot(at: LogIndex(4), confState: state, data: [2])
        }
        let newer = Snapshot(metadata: SnapshotMetadata(index: LogIndex(9), term: Term(3), confState: state), data: [])
        try storage.applySnapshot(newer)
        #expect(storage.firstIndex == LogIndex(10) && storage.lastIndex == LogIndex(9))
        #expect(storage.term(at: LogIndex(9)) == Term(3))
        #expect(throws: RaftError.self) { try storage.applySnapshot(newer) }
    }
}
