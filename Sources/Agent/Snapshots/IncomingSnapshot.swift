import Host
import Mesh
import Primitives
import Raft

/// What has arrived of a snapshot, in a file that outlives the connection and the process.
///
/// Only whole chunks whose checksum held are written, and each is checked again when the file is opened anew: nothing
/// is synced, so a crash may have left anything. Everything here blocks.
struct IncomingSnapshot: Sendable {
    enum Failure: Error, CustomStringConvertible {
        case disk(DiskError)
        /// What arrived is not what was announced.
        case damaged(String)

        var description: String {
            switch self {
            case .disk(let error): error.description
            case .damaged(let problem): problem
            }
        }
    }

    let offer: SnapshotOffer
    let path: String
    /// Whole chunks in the file.
    private(set) var chunksHeld = 0
    /// CRC-32C of the bytes that travelled so far, as far as they are in the file.
    private var checksum = CRC32C()
    /// The beginning of the next chunk.
    private var rest: [UInt8] = []

    /// Finds out what is there of this snapshot, and removes what is there of others.
    static func open(_ offer: SnapshotOffer, in directory: String) throws(DiskError) -> IncomingSnapshot {
        try prune(directory) { $0 == offer.fileName }
        var incoming = IncomingSnapshot(offer: offer, path: directory + "/" + offer.fileName)
        try incoming.recover()
        return incoming
    }

    /// Removes the files that are not wanted.
    static func prune(_ directory: String, keeping isWanted: (String) -> Bool) throws(DiskError) {
        let disk = FileSystemDisk()
        for name in try disk.list(directory) where !isWanted(name) {
            do {
                try disk.remove(directory + "/" + name)
            } catch  where error.isNotFound {
                continue
            }
        }
    }

    private init(offer: SnapshotOffer, path: String) {
        self.offer = offer
        self.path = path
    }

    /// How much of the stream need not be sent again.
    var prefix: HeldPrefix {
        HeldPrefix(bytes: UInt64(offer.chunks.offset(of: chunksHeld)), checksum: checksum.value)
    }

    private mutating func recover() throws(DiskError) {
        let file: any DiskFile
        do {
            file = try FileSystemDisk().open(path, for: .readingAndWriting)
        } catch  where error.isNotFound {
            return
        }
        defer { file.close() }
        let chunks = offer.chunks
        while chunksHeld < chunks.count {
            let start = chunks.offset(of: chunksHeld)
            let bytes = try file.read(at: start, count: chunks.offset(of: chunksHeld + 1) - start)
            guard chunks.isChunk(bytes[...], number: chunksHeld) else { break }
            checksum.update(bytes)
            chunksHeld += 1
        }
        try file.truncate(to: chunks.offset(of: chunksHeld))
    }

    /// Takes the next bytes of the stream, in any pieces.
    mutating func append(_ bytes: [UInt8]) throws(Failure) {
        rest += bytes
        let chunks = offer.chunks
        var done = 0
        var number = chunksHeld
        while number < chunks.count {
            let length = chunks.offset(of: number + 1) - chunks.offset(of: number)
            guard rest.count - done >= length else { break }
            guard chunks.isChunk(rest[done..<done + length], number: number) else {
                throw .damaged("chunk \(number) of the snapshot does not match its checksum")
            }
            done += length
            number += 1
        }
        guard number > chunksHeld else { return }
        let whole = Array(rest[..<done])
        do throws(DiskError) {
            try write(whole, at: chunks.offset(of: chunksHeld))
        } catch {
            throw .disk(error)
        }
        checksum.update(whole)
        rest.removeFirst(done)
        chunksHeld = number
    }

    private func write(_ bytes: [UInt8], at offset: Int) throws(DiskError) {
        let disk = FileSystemDisk()
        let file: any DiskFile
        do {
            file = try disk.open(path, for: .readingAndWriting)
        } catch  where error.isNotFound {
            file = try disk.create(path)
        }
        defer { file.close() }
        try file.write(bytes, at: offset)
    }

    /// The snapshot's bytes, once all have arrived.
    func data() throws(Failure) -> [UInt8] {
        let chunks = offer.chunks
        guard chunksHeld == chunks.count else { throw .damaged("the snapshot is not whole") }
        var data: [UInt8] = []
        data.reserveCapacity(offer.dataBytes)
        do throws(DiskError) {
            if chunks.count > 0 {
                let file = try FileSystemDisk().open(path, for: .reading)
                defer { file.close() }
                for number in 0..<chunks.count {
                    data += try file.read(at: chunks.offset(of: number), count: chunks.range(of: number).count)
                }
            }
        } catch {
            throw .disk(error)
        }
        guard CRC32C.checksum(data) == offer.checksum else {
            throw .damaged("the snapshot does not match its checksum")
        }
        return data
    }

    /// Removes the file; one that can't be removed is removed by the next start.
    func discard() {
        try? FileSystemDisk().remove(path)
    }
}
