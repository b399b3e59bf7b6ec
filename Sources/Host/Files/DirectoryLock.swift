import Glibc

/// An exclusive lock on a file (`flock`), by which one process at a time owns a directory.
///
/// The kernel lets go of it when the process ends, so a crash leaves no stale lock. The file itself stays.
public final class DirectoryLock: DiskLock {
    public let path: String
    private var descriptor: Int32

    /// Takes the lock or throws at once; ``DiskError/isLockedByOther`` says whether somebody has it.
    public init(file path: String) throws(DiskError) {
        self.path = path
        let opened = try retryingInterrupted(.lock, path) {
            Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        }
        descriptor = opened
        do {
            try retryingInterrupted(.lock, path) { flock(opened, LOCK_EX | LOCK_NB) }
        } catch {
            release()
            throw error
        }
    }

    deinit { release() }

    public func release() {
        guard descriptor >= 0 else { return }
        // Closing the only descriptor of the open file lets go of the lock.
        Glibc.close(descriptor)
        descriptor = -1
    }
}
