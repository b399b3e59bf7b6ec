public import Host
import Primitives
import Raft

extension WriteAheadLog {
    /// Makes the directory, its parent's record of it, and a log with one empty segment.
    ///
    /// A crash before this returns leaves no journal, or an empty one. Throws ``JournalError/alreadyThere(directory:)``
    /// if there is one.
    ///
    /// - Parameters:
    ///   - directory: Its parent must be there.
    ///   - saltSeed: Random; from it come the salts of the segments.
    public static func create(
        on disk: any Disk, directory: String, identity: JournalIdentity, parameters: JournalParameters, saltSeed: UInt64
    ) throws(JournalError) -> WriteAheadLog {
        try create(disk, directory, identity, parameters, saltSeed: saltSeed) { () throws(JournalError) in
            throw .alreadyThere(directory: directory)
        }
    }

    /// Makes a log as ``create(on:directory:identity:parameters:saltSeed:)`` does, also in the place of one on which
    /// nothing depends.
    ///
    /// What is there is read, judged and removed under the directory's lock: a log that a process has open throws
    /// ``JournalError/locked(_:)``, one that can't be read throws what is wrong with it, and neither is touched.
    ///
    /// - Parameter isDispensable: Whether the log that was found may go; if not,
    ///   ``JournalError/alreadyThere(directory:)`` is thrown.
    public static func create(
        on disk: any Disk, directory: String, identity: JournalIdentity, parameters: JournalParameters,
        saltSeed: UInt64, replacing isDispensable: (RecoveredJournal) -> Bool
    ) throws(JournalError) -> WriteAheadLog {
        try create(disk, directory, identity, parameters, saltSeed: saltSeed) { () throws(JournalError) in
            try remove(disk, directory, if: isDispensable)
        }
    }

    private static func create(
        _ disk: any Disk, _ directory: String, _ identity: JournalIdentity, _ parameters: JournalParameters,
        saltSeed: UInt64, clearing: () throws(JournalError) -> Void
    ) throws(JournalError) -> WriteAheadLog {
        do {
            try disk.createDirectory(directory)
            try disk.syncDirectory(parent(of: directory))
        } catch {
            throw .disk(error)
        }
        let lock = try takeLock(disk, directory)
        do {
            if try names(disk, directory).contains(where: isJournalData) { try clearing() }
            return try createFirstSegment(
                on: disk, directory: directory, identity: identity, parameters: parameters, saltSeed: saltSeed,
                lock: lock)
        } catch {
            lock.release()
            throw error
        }
    }

    private static func createFirstSegment(
        on disk: any Disk, directory: String, identity: JournalIdentity, parameters: JournalParameters,
        saltSeed: UInt64, lock: any DiskLock
    ) throws(JournalError) -> WriteAheadLog {
        var salts = SeededGenerator(seed: saltSeed)
        let head = SegmentHead(
            salt: salts.next(), sequence: 1, firstIndex: LogIndex(1), segmentBytes: parameters.segmentBytes,
            previousChain: 0, previousBatch: 0, hardState: .initial, snapshots: [], identity: identity)
        let encoded = head.encoded()
        let name = JournalFileName.segment(sequence: 1, firstIndex: LogIndex(1))
        let file: any DiskFile
        do {
            let empty = try makeEmptyFile(
                .nextSegment, bytes: parameters.segmentBytes, disk: disk, directory: directory)
            file = try publish(
                encoded, bytes: parameters.segmentBytes, in: empty, as: name, disk: disk, directory: directory)
        } catch {
            throw error.isOutOfSpace ? .outOfSpace(error) : .disk(error)
        }
        let log = WriteAheadLog(
            Start(
                disk: disk, directory: directory, parameters: parameters, hardState: .initial, last: .zero,
                snapshots: [], segments: [Segment(name: name, lastIndex: .zero)], file: file, head: head,
                offset: SegmentHead.byteCount, chain: head.firstChain, lastBatch: 0, needsSeal: false,
                salts: salts,
                lock: lock))
        try log.reserveSpace()
        return log
    }

    /// Removes the files of a log that may go, each durably before the next: segments from the oldest on, so that what
    /// a crash leaves is a log whose beginning is gone, and that is judged again.
    private static func remove(
        _ disk: any Disk, _ directory: String, if isDispensable: (RecoveredJournal) -> Bool
    ) throws(JournalError) {
        let reading = try JournalReading(disk, directory: directory) { _, _ in }
        guard isDispensable(try reading.result(disk) { _ in nil }) else { throw .alreadyThere(directory: directory) }
        let snapshots = reading.snapshotFiles.map { JournalFileName.snapshot($0).path(in: directory) }
        do {
            for path in snapshots + reading.segments.map(\.path) {
                try disk.removeIfThere(path)
                try disk.syncDirectory(directory)
            }
        } catch {
            throw .disk(error)
        }
    }

    private static func parent(of directory: String) -> String {
        guard let slash = directory.lastIndex(of: "/") else { return "." }
        return slash == directory.startIndex ? "/" : String(directory[..<slash])
    }
}
