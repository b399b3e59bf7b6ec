public import Host
public import Primitives
import Raft

extension WriteAheadLog {
    /// Opens the log and reads back all that was acknowledged.
    ///
    /// The last segment, and the one before it while the last is empty, is copied into a fresh file before anything
    /// else, which also cuts off an interrupted write:
    /// what the kernel shows of a file after a failed sync need not be on the disk, and from here on it is.
    ///
    /// Every byte of a snapshot's file has its checksum, but only the state machine can tell what the bytes mean. A
    /// newest snapshot that it can't decode, or that decodes to another state than was saved, gives way to the one
    /// before it as a damaged one does.
    ///
    /// - Parameters:
    ///   - identity: Whose log it must be; nil takes any, which only a caller who learns its own identity from here
    ///     may do.
    ///   - saltSeed: Random; from it come the salts of new segments.
    ///   - restore: Decodes a snapshot's data, and answers what the state machine says is the hash of that state.
    /// - Throws: ``JournalError`` if there is no journal, another process has it open, it is another node's, it is
    ///   damaged or of a newer format, or the disk fails.
    public static func open<State>(
        on disk: any Disk, directory: String, expecting identity: JournalIdentity?, parameters: JournalParameters,
        saltSeed: UInt64, restoring restore: (JournalSnapshot) throws(DecodingFailure) -> (state: State, hash: UInt64)
    ) throws(JournalError) -> (log: WriteAheadLog, recovered: RecoveredJournal, state: State?) {
        var state: State?
        let (log, recovered) = try open(disk, directory, identity, parameters, saltSeed) { snapshot in
            do throws(DecodingFailure) {
                let restored = try restore(snapshot)
                guard restored.hash == snapshot.stateHash else {
                    return "decodes to another state than the one that was saved"
                }
                state = restored.state
                return nil
            } catch {
                return "can't be decoded: \(error)"
            }
        }
        return (log, recovered, state)
    }

    /// Opens the log without a state machine: every snapshot is taken whose bytes are as they were written.
    ///
    /// - Throws: ``JournalError``, as the method above.
    public static func open(
        on disk: any Disk, directory: String, expecting identity: JournalIdentity?, parameters: JournalParameters,
        saltSeed: UInt64
    ) throws(JournalError) -> (log: WriteAheadLog, recovered: RecoveredJournal) {
        try open(disk, directory, identity, parameters, saltSeed) { _ in nil }
    }

    private static func open(
        _ disk: any Disk, _ directory: String, _ identity: JournalIdentity?, _ parameters: JournalParameters,
        _ saltSeed: UInt64, objection: (JournalSnapshot) -> String?
    ) throws(JournalError) -> (log: WriteAheadLog, recovered: RecoveredJournal) {
        // A lock file must not appear in a directory that holds no journal.
        guard try names(disk, directory).contains(where: isJournalData) else { throw .missing(directory: directory) }
        let lock = try takeLock(disk, directory)
        do {
            let reading = try JournalReading(disk, directory: directory) { _, _ in }
            if let identity { try reading.check(identity) }
            let recovered = try reading.result(disk, objection: objection)
            let log = try start(
                reading, recovered, disk: disk, parameters: parameters, saltSeed: saltSeed, lock: lock)
            return (log, recovered)
        } catch {
            lock.release()
            throw error
        }
    }

    private static func start(
        _ reading: JournalReading, _ recovered: RecoveredJournal, disk: any Disk, parameters: JournalParameters,
        saltSeed: UInt64, lock: any DiskLock
    ) throws(JournalError) -> WriteAheadLog {
        let last = reading.segments[reading.segments.count - 1]
        let kept = reading.keptSnapshots(loaded: recovered.snapshot?.snapshot.metadata.position)
        let file: any DiskFile
        do {
            try removeTemporaries(disk, reading.directory)
            if last.scan.batchCount == 0, reading.segments.count > 1 {
                // Only a batch in the last segment proves that the one before it was announced durably; until then the
                // announcement may be no more than what the kernel shows.
                let before = reading.segments[reading.segments.count - 2]
                let announcement = reading.hasUnannouncedSegment ? before.scan.closing.bytes : []
                try copySegment(before, then: announcement, fills: false, disk: disk, directory: reading.directory)
                    .close()
            }
            file = try copySegment(
                last, then: [], fills: parameters.fillsSegments, disk: disk, directory: reading.directory)
        } catch {
            throw error.isOutOfSpace ? .outOfSpace(error) : .disk(error)
        }
        let log = WriteAheadLog(
            Start(
                disk: disk, directory: reading.directory, parameters: parameters, hardState: recovered.hardState,
                last: recovered.last, snapshots: kept,
                segments: reading.segments.map { Segment(name: $0.name, lastIndex: $0.scan.lastIndex) }, file: file,
                head: last.scan.head, offset: last.scan.end, chain: last.scan.chain, lastBatch: last.scan.lastNumber,
                needsSeal: last.scan.lastBatch.map { !$0.batch.records.isEmpty } ?? false,
                salts: SeededGenerator(seed: saltSeed), lock: lock))
        if recovered.unreadableSnapshot == nil { try log.removeSnapshots { _ in true } }
        try log.reserveSpace()
        return log
    }

    /// Writes the batches of a segment into a fresh file, durable before it takes the segment's name.
    ///
    /// - Parameter announcement: What else stands after the batches.
    private static func copySegment(
        _ segment: JournalReading.Segment, then announcement: [UInt8], fills: Bool, disk: any Disk, directory: String
    ) throws(DiskError) -> any DiskFile {
        let source = try disk.open(segment.path, for: .reading)
        defer { source.close() }
        let bytes = segment.scan.head.segmentBytes
        let copy = try makeEmptyFile(.segmentCopy, bytes: bytes, disk: disk, directory: directory)
        defer { copy.close() }
        var offset = 0
        while offset < segment.scan.end {
            let piece = try source.read(at: offset, count: min(FileWindow.windowBytes, segment.scan.end - offset))
            guard !piece.isEmpty else { throw DiskError(.read, segment.path, code: DiskError.deviceFailureCode) }
            try copy.write(piece, at: offset)
            offset += piece.count
        }
        if !announcement.isEmpty { try copy.write(announcement, at: offset) }
        if fills { try copy.fill(from: offset + announcement.count, to: bytes) }
        try copy.sync()
        try disk.rename(copy.path, to: segment.path)
        try disk.syncDirectory(directory)
        return try disk.open(segment.path, for: .readingAndWriting)
    }

    private static func removeTemporaries(_ disk: any Disk, _ directory: String) throws(DiskError) {
        for name in try disk.list(directory) {
            guard case .temporary = JournalFileName(name) else { continue }
            try disk.removeIfThere(directory + "/" + name)
        }
    }

    static func names(_ disk: any Disk, _ directory: String) throws(JournalError) -> [String] {
        do {
            return try disk.list(directory)
        } catch {
            throw error.isNotFound ? .missing(directory: directory) : .disk(error)
        }
    }

    static func takeLock(_ disk: any Disk, _ directory: String) throws(JournalError) -> any DiskLock {
        do {
            return try disk.lock(JournalFileName.lock.path(in: directory))
        } catch {
            throw error.isLockedByOther ? .locked(error) : .disk(error)
        }
    }

    static func isJournalData(_ name: String) -> Bool {
        switch JournalFileName(name) {
        case .segment?, .snapshot?: true
        case .lock?, .temporary?, nil: false
        }
    }
}

extension JournalReading {
    /// That the log is this node's.
    func check(_ identity: JournalIdentity) throws(JournalError) {
        let found = segments[0].scan.head.identity
        guard found == identity else {
            throw .wrongIdentity(file: segments[0].path, expected: identity, found: found)
        }
    }

    /// The snapshots that the log names and whose files are there, from the one that was loaded on.
    func keptSnapshots(loaded: LogPosition?) -> [LogPosition] {
        guard let loaded, let first = replay.snapshots.firstIndex(of: loaded) else { return [] }
        return replay.snapshots[first...].filter { $0 == loaded || snapshotFiles.contains($0) }
    }
}
