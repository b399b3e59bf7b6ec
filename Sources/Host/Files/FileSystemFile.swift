import CLinux
import Glibc

/// An open file of the host.
final class FileSystemFile: DiskFile {
    let path: String
    /// Negative once it is closed.
    private var descriptor: Int32
    private let reserve: DescriptorReserve
    /// How ``append(_:at:)`` passes the page cache by, once it was asked for and unless the file system refuses it.
    private var blocks: BlockWriter?
    /// Whether the file system does; then it is not asked again.
    private var refusesBlocks = false

    init(path: String, descriptor: Int32, reserve: DescriptorReserve) {
        self.path = path
        self.descriptor = descriptor
        self.reserve = reserve
    }

    /// A net under code paths that end in an error; all others call ``close()``.
    deinit { close() }

    func size() throws(DiskError) -> Int {
        let descriptor = openDescriptor()
        var status = stat()
        try retryingInterrupted(.size, path) { fstat(descriptor, &status) }
        return Int(status.st_size)
    }

    func read(at offset: Int, count: Int) throws(DiskError) -> [UInt8] {
        precondition(offset >= 0 && count >= 0, "\(count) bytes at \(offset) of \(path)")
        let descriptor = openDescriptor()
        // A caller's count may be far more than the file holds.
        let wanted = min(count, max(0, try size() - offset))
        var failure: DiskError?
        let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
            do throws(DiskError) {
                while filled < wanted {
                    let start = UnsafeMutableRawPointer(buffer.baseAddress! + filled)
                    let got = try retryingInterrupted(.read, path) {
                        pread(descriptor, start, wanted - filled, off_t(offset + filled))
                    }
                    if got == 0 { break }
                    filled += got
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(DiskError) {
        precondition(offset >= 0, "offset \(offset) of \(path)")
        let descriptor = openDescriptor()
        var failure: DiskError?
        bytes.withUnsafeBytes { buffer in
            do throws(DiskError) {
                var done = 0
                while done < buffer.count {
                    let start = buffer.baseAddress! + done
                    let wrote = try retryingInterrupted(.write, path) {
                        pwrite(descriptor, start, buffer.count - done, off_t(offset + done))
                    }
                    // Nothing written and no error: the next try would spin.
                    if wrote == 0 { throw DiskError(.write, path, code: EIO) }
                    done += wrote
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    func append(_ bytes: [UInt8], at offset: Int) throws(DiskError) {
        precondition(offset >= 0, "offset \(offset) of \(path)")
        if blocks == nil && !refusesBlocks {
            blocks = BlockWriter(descriptor: openDescriptor(), path: path)
            refusesBlocks = blocks == nil
        }
        if let blocks {
            switch try blocks.append(bytes, at: offset) {
            case .done: return
            case .beyondEnd: break
            case .refused:
                self.blocks = nil
                refusesBlocks = true
            }
        }
        try write(bytes, at: offset)
        try sync()
    }

    func allocate(_ bytes: Int) throws(DiskError) {
        precondition(bytes >= 0, "\(bytes) bytes of \(path)")
        guard bytes > 0 else { return }
        let descriptor = openDescriptor()
        do {
            try retryingInterrupted(.allocate, path) { clinux_reserve(descriptor, 0, Int64(bytes)) }
        } catch  where error.code == EOPNOTSUPP || error.code == ENOSYS {
            // Only what is written is sure to have its place there.
            var end = try size()
            while end < bytes {
                let step = min(1 << 20, bytes - end)
                try write([UInt8](repeating: 0, count: step), at: end)
                end += step
            }
        }
    }

    func fill(from start: Int, to end: Int) throws(DiskError) {
        precondition(start >= 0, "offset \(start) of \(path)")
        let descriptor = openDescriptor()
        let zeros = [UInt8](repeating: 0, count: min(max(0, end - start), 1 << 20))
        var offset = start
        while offset < end {
            let step = min(zeros.count, end - offset)
            try write(step == zeros.count ? zeros : [UInt8](repeating: 0, count: step), at: offset)
            offset += step
        }
        try sync()
        // The zeros are not read; without this they would take the place of pages that are. Only advice.
        _ = posix_fadvise(descriptor, off_t(start), off_t(max(0, end - start)), POSIX_FADV_DONTNEED)
    }

    func truncate(to bytes: Int) throws(DiskError) {
        let descriptor = openDescriptor()
        try retryingInterrupted(.truncate, path) { ftruncate(descriptor, off_t(bytes)) }
    }

    func sync() throws(DiskError) {
        let descriptor = openDescriptor()
        // Interrupted is a failure like any other here: see Disk for why it is not tried again.
        guard fdatasync(descriptor) == 0 else { throw DiskError(.sync, path, code: errno) }
    }

    func close() {
        guard descriptor >= 0 else { return }
        blocks = nil
        // What matters was synced; a descriptor is gone even if close reports an error.
        Glibc.close(descriptor)
        descriptor = -1
        reserve.refill()
    }

    private func openDescriptor() -> Int32 {
        precondition(descriptor >= 0, "\(path) is used after it was closed")
        return descriptor
    }
}
