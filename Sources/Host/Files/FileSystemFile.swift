import Glibc

/// An open file of the host.
final class FileSystemFile: DiskFile {
    let path: String
    private var descriptor: Int32

    init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    /// A net under code paths that end in an error; everybody else calls ``close()``.
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

    func allocate(_ bytes: Int) throws(DiskError) {
        let descriptor = openDescriptor()
        while true {
            // Answers an error number instead of setting it. Where the file system can't reserve, glibc writes a byte
            // into each block, which is slow and reserves as well.
            switch posix_fallocate(descriptor, 0, off_t(bytes)) {
            case 0: return
            case EINTR: continue
            case EOPNOTSUPP:
                // A hole of that length reads the same; whoever writes into it may yet find the disk full.
                if try size() < bytes { try truncate(to: bytes) }
                return
            case let code: throw DiskError(.allocate, path, code: code)
            }
        }
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
        // What matters was synced; a descriptor is gone even if close reports an error.
        Glibc.close(descriptor)
        descriptor = -1
    }

    private func openDescriptor() -> Int32 {
        precondition(descriptor >= 0, "\(path) is used after it was closed")
        return descriptor
    }
}
