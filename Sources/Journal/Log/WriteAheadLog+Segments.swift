import Host
import Primitives
import Raft

extension WriteAheadLog {
    /// Tries to reserve the next segment and the reserve, if they are not. To be called now and then while ``space``
    /// is short.
    ///
    /// - Throws: ``JournalError/disk(_:)``, but not for want of space, and ``JournalError/stopped``.
    public func reserveSpace() throws(JournalError) {
        guard !hasStopped else { throw .stopped }
        do {
            if nextSegment == nil { nextSegment = try makeEmptySegment(bytes: parameters.segmentBytes) }
            if !hasReserve && parameters.reserveBytes > 0 {
                try makeReserve()
                hasReserve = true
            }
            space = .ample
        } catch  where error.isShortage {
            space = .short
        } catch {
            hasStopped = true
            throw .disk(error)
        }
    }

    /// Starts to fill the next segment with zeros beside the log, as soon as a quarter of the current one is used: an
    /// idle log writes nothing.
    func fillNextSegment(on disk: any Disk & Sendable) {
        guard parameters.fillsSegments, fill == nil, !hasStopped, nextSegment != nil, offset > head.segmentBytes / 4
        else { return }
        fill = SegmentFill(
            JournalFileName.nextSegment.path(in: directory), bytes: parameters.segmentBytes, disk: disk)
    }

    /// Begins another segment if a batch of so many bytes does not fit into this one.
    ///
    /// What holds no entries may take the end of the segment that is kept when there is no other: votes, so that
    /// elections go on, and marks of snapshots, because only they can shorten the log.
    func makeRoom(bytes: Int, hasEntries: Bool) throws(JournalError) {
        let limit = head.segmentBytes - parameters.hardStateBytes
        if offset + bytes <= limit { return }
        do {
            try beginSegment(room: bytes)
        } catch {
            let fits = offset + bytes <= head.segmentBytes - Batch.closingBytes
            guard error.isRetriable, !hasEntries, fits else { throw error }
        }
    }

    /// Begins the next segment: reserved, its head durable, then named, its name durable, then announced by the last
    /// batch of the segment before, and only then used.
    func beginSegment(room: Int) throws(JournalError) {
        let needed = SegmentHead.byteCount + room + parameters.hardStateBytes
        // Files are appended to in whole blocks.
        let bytes = needed <= parameters.segmentBytes ? parameters.segmentBytes : (needed + 4095) & ~4095
        let empty = try takeEmptySegment(bytes: bytes)
        let closing = Batch.closing(
            number: lastBatch + 1, nextSequence: head.sequence + 1, chain: chain, seed: head.seed)
        let next = SegmentHead(
            salt: salts.next(), sequence: head.sequence + 1, firstIndex: last.index.next, segmentBytes: bytes,
            previousChain: closing.chain, previousBatch: lastBatch + 1, hardState: hardState, snapshots: snapshots,
            identity: identity)
        let name = JournalFileName.segment(sequence: next.sequence, firstIndex: next.firstIndex)
        let encoded = next.encoded()
        file = try fatally { () throws(DiskError) in
            let nextFile = try Self.publish(
                encoded, bytes: bytes, in: empty, as: name, disk: disk, directory: directory)
            try file.append(closing.bytes, at: offset)
            file.close()
            return nextFile
        }
        segments.append(Segment(name: name, lastIndex: .zero))
        head = next
        offset = SegmentHead.byteCount
        chain = next.firstChain
        lastBatch += 1
        commitOnDisk = hardState.commit
        statistics.segmentsCreated += 1
        statistics.bytesWritten += closing.bytes.count + encoded.count
        try reserveSpace()
    }

    /// Writes a head into an empty segment and gives it its name; answers the file under that name.
    ///
    /// - Parameter bytes: The length that the head says the file has: a start refuses one of another length.
    static func publish(
        _ head: [UInt8], bytes: Int, in empty: any DiskFile, as name: JournalFileName, disk: any Disk,
        directory: String
    ) throws(DiskError) -> any DiskFile {
        defer { empty.close() }
        let found = try empty.size()
        precondition(found == bytes, "\(empty.path) has \(found) bytes, and is to be a segment of \(bytes)")
        try empty.write(head, at: 0)
        try empty.sync()
        try disk.rename(empty.path, to: name.path(in: directory))
        try disk.syncDirectory(directory)
        return try disk.open(name.path(in: directory), for: .readingAndWriting)
    }

    /// The empty file for the next segment, of at least this length.
    private func takeEmptySegment(bytes: Int) throws(JournalError) -> any DiskFile {
        do {
            try endFill()
            guard let reserved = nextSegment else { return try makeEmptySegment(bytes: bytes) }
            nextSegment = nil
            if bytes > parameters.segmentBytes { try lengthen(reserved, to: bytes) }
            return reserved
        } catch  where error.isShortage {
            space = .short
            throw .outOfSpace(error)
        } catch {
            hasStopped = true
            throw .disk(error)
        }
    }

    /// Gives an empty segment more room than was reserved; nothing is left of it if that fails, because it may have
    /// been lengthened by a part.
    private func lengthen(_ empty: any DiskFile, to bytes: Int) throws(DiskError) {
        do {
            try empty.allocate(bytes)
        } catch {
            empty.close()
            // The failure that is thrown counts; what is left has no meaning and is removed before the next try.
            try? disk.remove(empty.path)
            throw error
        }
    }

    /// Lets only the log touch the next segment's file.
    private func endFill() throws(DiskError) {
        guard let fill else { return }
        self.fill = nil
        do {
            try fill.end()
        } catch  where error.isOutOfSpace {
            // The file system gives no room even where it was reserved; a new file shows whether it has some now.
            nextSegment?.close()
            nextSegment = nil
        } catch  where error.isOutOfDescriptors {
            // The file could not be opened for it; its space is reserved all the same.
        }
    }

    private func makeEmptySegment(bytes: Int) throws(DiskError) -> any DiskFile {
        try Self.makeEmptyFile(.nextSegment, bytes: bytes, disk: disk, directory: directory)
    }

    /// A file of zeros whose space is reserved; nothing is left of it if that fails.
    static func makeEmptyFile(
        _ name: JournalFileName, bytes: Int, disk: any Disk, directory: String
    ) throws(DiskError) -> any DiskFile {
        let path = name.path(in: directory)
        try disk.removeIfThere(path)
        let empty = try disk.create(path)
        do {
            try empty.allocate(bytes)
            return empty
        } catch {
            empty.close()
            // The failure that is thrown counts; what is left has no meaning and is removed before the next try.
            try? disk.remove(path)
            throw error
        }
    }

    private func makeReserve() throws(DiskError) {
        let reserve = try Self.makeEmptyFile(
            .reserve, bytes: parameters.reserveBytes, disk: disk, directory: directory)
        reserve.close()
    }

    /// Removes the oldest segments as long as `isObsolete`; never the one written to.
    ///
    /// Each removal is durable before the next, so that what a crash leaves has no hole.
    func removeSegments(while isObsolete: (Segment) -> Bool) throws(JournalError) {
        while segments.count > 1, isObsolete(segments[0]) {
            let path = segments[0].name.path(in: directory)
            try fatally { () throws(DiskError) in
                try disk.removeIfThere(path)
                try disk.syncDirectory(directory)
            }
            segments.removeFirst()
            statistics.segmentsRemoved += 1
        }
    }
}
