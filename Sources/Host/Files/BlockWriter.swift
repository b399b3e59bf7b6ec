import CLinux
import Glibc

/// Appends to a file in whole blocks that pass the page cache by and are durable when the call returns (O_DIRECT and
/// O_DSYNC): one system call, and less work for the kernel than a write and a sync.
///
/// A block that is written again carries what it had, so a crash in the middle loses nothing that was durable: devices
/// write a sector whole or not at all.
final class BlockWriter {
    enum Outcome {
        case done
        /// The last block would reach beyond the file's end. Nothing was written.
        case beyondEnd
        /// The file system takes no such writes. Nothing was written.
        case refused
    }

    /// Enough for any file system; most would take less.
    static let blockBytes = 4096
    /// What is kept between appends; a larger append gets a buffer for itself.
    private static let keptBytes = 1 << 20

    private let descriptor: Int32
    /// The same file through the page cache.
    private let cached: Int32
    private let path: String
    private let fileBytes: Int
    private var buffer: UnsafeMutableRawBufferPointer
    /// Where the last append ended; the buffer begins with the bytes of its block before that.
    private var end = -1

    /// Nil if the file can't be opened this way.
    init?(descriptor cached: Int32, path: String) {
        var status = stat()
        guard fstat(cached, &status) == 0 else { return nil }
        let opened = clinux_reopen_direct(cached)
        guard opened >= 0 else { return nil }
        descriptor = opened
        self.cached = cached
        self.path = path
        fileBytes = Int(status.st_size)
        buffer = Self.makeBuffer(Self.blockBytes)
    }

    deinit {
        Glibc.close(descriptor)
        buffer.deallocate()
    }

    func append(_ bytes: [UInt8], at offset: Int) throws(DiskError) -> Outcome {
        let start = offset / Self.blockBytes * Self.blockBytes
        let before = offset - start
        let length = Self.roundedUp(before + bytes.count)
        guard start + length <= fileBytes else {
            // What stands in the last block is not known any more.
            end = -1
            return .beyondEnd
        }
        makeRoom(length)
        if offset != end { try readBlock(at: start, count: before) }
        bytes.withUnsafeBytes { source in
            let place = UnsafeMutableRawBufferPointer(rebasing: buffer[before..<before + source.count])
            place.copyMemory(from: source)
        }
        let used = before + bytes.count
        UnsafeMutableRawBufferPointer(rebasing: buffer[used..<length]).initializeMemory(as: UInt8.self, repeating: 0)
        end = -1
        guard try write(length, at: start) else { return .refused }
        keepLastBlock(used)
        end = offset + bytes.count
        return .done
    }

    /// Writes the beginning of the buffer; false if the file system refuses the manner.
    private func write(_ count: Int, at offset: Int) throws(DiskError) -> Bool {
        var done = 0
        while done < count {
            let from = buffer.baseAddress! + done
            let wrote: Int
            do {
                wrote = try retryingInterrupted(.write, path) {
                    pwrite(descriptor, from, count - done, off_t(offset + done))
                }
            } catch  where error.code == EINVAL && done == 0 {
                return false
            }
            // A part of a block can't be continued, and writing nothing at all would be repeated without end.
            guard wrote > 0, wrote % Self.blockBytes == 0 || done + wrote == count else {
                throw DiskError(.write, path, code: EIO)
            }
            done += wrote
        }
        return true
    }

    /// Fetches what stands before the place of the next append in its block.
    private func readBlock(at start: Int, count: Int) throws(DiskError) {
        var filled = 0
        while filled < count {
            let to = buffer.baseAddress! + filled
            let got = try retryingInterrupted(.read, path) {
                pread(cached, to, count - filled, off_t(start + filled))
            }
            if got == 0 { throw DiskError(.read, path, code: EIO) }
            filled += got
        }
    }

    private func keepLastBlock(_ used: Int) {
        let last = used / Self.blockBytes * Self.blockBytes
        if buffer.count > Self.keptBytes {
            let small = Self.makeBuffer(Self.blockBytes)
            small.baseAddress!.copyMemory(from: buffer.baseAddress! + last, byteCount: used - last)
            buffer.deallocate()
            buffer = small
        } else if last > 0 {
            buffer.baseAddress!.copyMemory(from: buffer.baseAddress! + last, byteCount: used - last)
        }
    }

    private func makeRoom(_ bytes: Int) {
        guard bytes > buffer.count else { return }
        let wanted = bytes > Self.keptBytes ? bytes : min(Self.keptBytes, max(bytes, 2 * buffer.count))
        let larger = Self.makeBuffer(Self.roundedUp(wanted))
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[..<Self.blockBytes]))
        buffer.deallocate()
        buffer = larger
    }

    private static func roundedUp(_ bytes: Int) -> Int { (bytes + blockBytes - 1) / blockBytes * blockBytes }

    private static func makeBuffer(_ bytes: Int) -> UnsafeMutableRawBufferPointer {
        .allocate(byteCount: bytes, alignment: blockBytes)
    }
}
