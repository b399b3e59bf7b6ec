public import Host
import Primitives
import Raft

/// Snapshots as files: written aside, synced, renamed, and only then made known to the log.
///
/// Head: magic (8), version (4), length of what follows (4); then index, term, state hash, data length, chunk length,
/// CRC-32C of the data, membership and cluster id; CRC-32C (4) of all that. Then the data in chunks, each followed by
/// its CRC-32C, which starts from the chunk's number so that chunks can't change places.
public enum SnapshotFile {
    static let version: UInt32 = 1
    static let maximumChunkBytes = 16 << 20
    static let maximumHeadBytes = 1 << 20
    static let magic = Array("BLXSNAP\n".utf8)

    /// Writes a snapshot so that it is durable under its name when this returns.
    ///
    /// The log does not know of it yet: a crash now leaves a file that the next start removes. Other files of the
    /// directory are not touched, so this may run beside the log. Throws ``JournalError/outOfSpace(_:)`` with nothing
    /// left behind if there is no room.
    public static func write(
        _ content: JournalSnapshot, clusterID: String, on disk: any Disk, in directory: String, chunkBytes: Int
    ) throws(JournalError) {
        let position = content.snapshot.metadata.position
        let temporary = JournalFileName.unfinishedSnapshot(position).path(in: directory)
        let name = JournalFileName.snapshot(position)
        do {
            try disk.removeIfThere(temporary)
            let file = try disk.create(temporary)
            defer { file.close() }
            let head = encodeHead(content, clusterID: clusterID, chunkBytes: chunkBytes)
            try file.write(head, at: 0)
            try writeChunks(content.snapshot.data, to: file, at: head.count, chunkBytes: chunkBytes)
            try file.sync()
            try disk.rename(temporary, to: name.path(in: directory))
            try disk.syncDirectory(directory)
        } catch {
            guard error.isShortage else { throw .disk(error) }
            // Best effort: what is left has no meaning, and the next snapshot or start removes it.
            try? disk.remove(temporary)
            throw .outOfSpace(error)
        }
    }

    private static func encodeHead(_ content: JournalSnapshot, clusterID: String, chunkBytes: Int) -> [UInt8] {
        let metadata = content.snapshot.metadata
        var fields = ByteWriter(capacity: 256)
        fields.write(fixed: metadata.index.rawValue)
        fields.write(fixed: metadata.term.rawValue)
        fields.write(fixed: content.stateHash)
        fields.write(fixed: UInt64(content.snapshot.data.count))
        fields.write(fixed: UInt32(chunkBytes))
        fields.write(fixed: Checksum.of(content.snapshot.data))
        fields.write(metadata.confState)
        fields.write(clusterID)
        var writer = ByteWriter(capacity: fields.bytes.count + 20)
        writer.write(raw: magic)
        writer.write(fixed: version)
        writer.write(fixed: UInt32(fields.bytes.count))
        writer.write(raw: fields.bytes)
        writer.write(fixed: Checksum.of(writer.bytes))
        return writer.bytes
    }

    private static func writeChunks(
        _ data: [UInt8], to file: any DiskFile, at offset: Int, chunkBytes: Int
    ) throws(DiskError) {
        var position = 0
        var number: UInt64 = 0
        var offset = offset
        while position < data.count {
            let chunk = data[position..<min(position + chunkBytes, data.count)]
            var writer = ByteWriter(capacity: chunk.count + 4)
            writer.write(raw: chunk)
            writer.write(fixed: chunkChecksum(chunk, number: number))
            try file.write(writer.bytes, at: offset)
            position += chunk.count
            offset += writer.bytes.count
            number += 1
        }
    }

    static func chunkChecksum(_ chunk: ArraySlice<UInt8>, number: UInt64) -> UInt32 {
        var crc = Checksum()
        crc.update(number)
        crc.update(chunk)
        return crc.value
    }
}

extension Disk {
    /// Removes a file that may not be there.
    func removeIfThere(_ path: String) throws(DiskError) {
        do {
            try remove(path)
        } catch  where error.isNotFound {
            return
        }
    }
}
