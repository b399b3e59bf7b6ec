public import Host
import Primitives
public import Raft

extension SnapshotFile {
    /// Reads a snapshot and checks every byte of it.
    ///
    /// Throws ``JournalError/damaged(_:)`` with the place for anything that is not as it was written.
    ///
    /// - Parameter clusterID: Whose snapshot it must be; nil takes any, for callers that don't know whose log it is.
    public static func read(
        _ position: LogPosition, of clusterID: String?, on disk: any Disk, in directory: String
    ) throws(JournalError) -> JournalSnapshot {
        let path = JournalFileName.snapshot(position).path(in: directory)
        let file: any DiskFile
        do {
            file = try disk.open(path, for: .reading)
        } catch  where error.isNotFound {
            throw .damaged(JournalDamage(file: path, offset: 0, reason: "the snapshot that the log names is not there"))
        } catch {
            throw .disk(error)
        }
        defer { file.close() }
        var window = try FileWindow(file)
        let content = try decode(&window, clusterID: clusterID, file: path)
        guard content.snapshot.metadata.position == position else {
            let found = content.snapshot.metadata
            throw .damaged(
                JournalDamage(
                    file: path, offset: 16,
                    reason: "the file holds the snapshot of index \(found.index), term \(found.term)"))
        }
        return content
    }

    private static func decode(
        _ window: inout FileWindow, clusterID: String?, file: String
    ) throws(JournalError) -> JournalSnapshot {
        func damage(_ offset: Int, _ reason: String) -> JournalError {
            .damaged(JournalDamage(file: file, offset: offset, reason: reason))
        }
        let start = try window.read(0..<min(16, window.count))
        guard start.count == 16, Array(start[..<8]) == magic else { throw damage(0, "this is no snapshot") }
        let fieldBytes = Int(UInt32(littleEndian: start, at: 12))
        let headBytes = 16 + fieldBytes + 4
        guard fieldBytes <= maximumHeadBytes, headBytes <= window.count else {
            throw damage(0, "the snapshot's head does not match its checksum")
        }
        let bytes = try window.read(0..<headBytes)
        guard Checksum.of(bytes[..<(headBytes - 4)]) == UInt32(littleEndian: bytes, at: headBytes - 4) else {
            throw damage(0, "the snapshot's head does not match its checksum")
        }
        let found = UInt32(littleEndian: bytes, at: 8)
        guard found == version else { throw .unknownVersion(file: file, version: found) }
        let head: Head
        do {
            head = try Head(decoding: Array(bytes[16..<(headBytes - 4)]))
        } catch {
            throw damage(16 + error.offset, "the snapshot's head has a value that no program writes: \(error)")
        }
        guard clusterID == nil || head.clusterID == clusterID else {
            throw damage(16, "it is a snapshot of cluster \(head.clusterID), not of \(clusterID ?? "")")
        }
        let data = try readChunks(&window, from: headBytes, head: head, damage: damage)
        guard Checksum.of(data) == head.checksum else {
            throw damage(headBytes, "the snapshot's data does not match its checksum")
        }
        return JournalSnapshot(snapshot: Snapshot(metadata: head.metadata, data: data), stateHash: head.stateHash)
    }

    private static func readChunks(
        _ window: inout FileWindow, from start: Int, head: Head, damage: (Int, String) -> JournalError
    ) throws(JournalError) -> [UInt8] {
        let chunks = (head.dataBytes + head.chunkBytes - 1) / head.chunkBytes
        // No overflow: the data is shorter than the file, and so is the number of chunks.
        guard head.dataBytes <= window.count, window.count - start == head.dataBytes + 4 * chunks else {
            throw damage(
                window.count,
                "\(window.count - start) bytes follow the head, \(head.dataBytes) bytes of data are announced")
        }
        var data: [UInt8] = []
        data.reserveCapacity(head.dataBytes)
        var offset = start
        for number in 0..<chunks {
            let end = offset + min(head.chunkBytes, head.dataBytes - data.count)
            let chunk = try window.read(offset..<end + 4)
            let content = chunk[..<(end - offset)]
            guard chunkChecksum(content, number: UInt64(number)) == UInt32(littleEndian: chunk, at: end - offset) else {
                throw damage(offset, "chunk \(number) of the snapshot does not match its checksum")
            }
            data.append(contentsOf: content)
            offset = end + 4
        }
        return data
    }

    private struct Head {
        var metadata: SnapshotMetadata
        var stateHash: UInt64
        var dataBytes: Int
        var chunkBytes: Int
        var checksum: UInt32
        var clusterID: String

        init(decoding fields: [UInt8]) throws(DecodingFailure) {
            var reader = ByteReader(fields)
            let index = LogIndex(try reader.readFixed(UInt64.self))
            let term = Term(try reader.readFixed(UInt64.self))
            stateHash = try reader.readFixed(UInt64.self)
            dataBytes = Int(clamping: try reader.readFixed(UInt64.self))
            chunkBytes = Int(try reader.readFixed(UInt32.self))
            guard dataBytes < 1 << 48, (1...maximumChunkBytes).contains(chunkBytes) else {
                throw DecodingFailure(.invalid("\(dataBytes) bytes in chunks of \(chunkBytes)"), offset: reader.offset)
            }
            checksum = try reader.readFixed(UInt32.self)
            metadata = SnapshotMetadata(index: index, term: term, confState: try reader.readConfState())
            clusterID = try reader.readString()
            try reader.finish()
        }
    }
}
