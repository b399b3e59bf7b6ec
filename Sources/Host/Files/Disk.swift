/// The few file operations that durable data needs: synchronous, without threads or clocks.
///
/// ``FileSystemDisk`` is the real one; a simulator gives one that forgets what was never synced. What a caller may rely
/// on after a crash is only this:
///
/// * bytes written to a file, and its length, once ``DiskFile/sync()`` has returned;
/// * a name made, changed or removed, once ``syncDirectory(_:)`` has returned for its directory.
///
/// Everything else may be there wholly, partly, or not at all. A failed `sync` says nothing about what is durable and
/// must not be tried again: the kernel may have dropped the unwritten pages and call the next try a success.
public protocol Disk {
    /// Makes a directory for the owner alone (mode 0700); one that is there already is left as it is.
    ///
    /// - Throws: Also if the name is that of a file, or the directory above is not there.
    func createDirectory(_ path: String) throws(DiskError)

    /// The names in a directory, ascending, without `.` and `..`.
    ///
    /// - Throws: With ``DiskError/isNotFound`` if there is no such directory.
    func list(_ directory: String) throws(DiskError) -> [String]

    /// Makes a file for the owner alone (mode 0600) to write and read; throws if the name is taken.
    func create(_ path: String) throws(DiskError) -> any DiskFile

    /// Opens a file that is there.
    ///
    /// - Throws: With ``DiskError/isNotFound`` if there is no such file.
    func open(_ path: String, for access: DiskAccess) throws(DiskError) -> any DiskFile

    /// Gives a file another name in the same file system, replacing what had that name.
    ///
    /// - Throws: With ``DiskError/isNotFound`` if the file is not there.
    func rename(_ path: String, to newPath: String) throws(DiskError)

    /// Removes the name of a file.
    ///
    /// - Throws: With ``DiskError/isNotFound`` if the file is not there.
    func remove(_ path: String) throws(DiskError)

    /// Makes the names in a directory durable.
    ///
    /// - Throws: If the disk fails; see ``Disk`` for what that means.
    func syncDirectory(_ directory: String) throws(DiskError)

    /// Locks a file against every other locker of this host, making it if need be.
    ///
    /// Throws with ``DiskError/isLockedByOther`` if it is locked. The lock ends with the process, however it ends.
    func lock(_ path: String) throws(DiskError) -> any DiskLock
}

/// What an open file may be used for.
public enum DiskAccess: Hashable, Sendable {
    case reading
    case readingAndWriting
}

/// An open file of a ``Disk``.
public protocol DiskFile: AnyObject {
    /// The name by which it was opened.
    var path: String { get }

    /// Its length in bytes.
    ///
    /// - Throws: If the file system does not tell.
    func size() throws(DiskError) -> Int

    /// Reads `count` bytes from `offset` on; fewer only where the file ends.
    ///
    /// - Throws: If the disk fails; an end of the file is no failure.
    func read(at offset: Int, count: Int) throws(DiskError) -> [UInt8]

    /// Writes all bytes at `offset`, or throws; then any part of them may have been written.
    func write(_ bytes: [UInt8], at offset: Int) throws(DiskError)

    /// Writes the next piece of a file that only grows, and returns when it is durable: a write and a sync in one.
    ///
    /// The caller guarantees: from the end of `bytes` to the next multiple of 4,096 the file holds zeros.
    /// They, and what stands before `offset` in its block, may be written once more as they are.
    /// A failure means what a failure of ``sync()`` means, whatever operation it names.
    ///
    /// - Throws: As ``write(_:at:)`` and ``sync()``.
    func append(_ bytes: [UInt8], at offset: Int) throws(DiskError)

    /// Makes the file at least `bytes` long, with zeros, and reserves the space.
    ///
    /// Where the file system has no way to reserve, the zeros are written.
    ///
    /// - Throws: For want of space, with ``DiskError/isShortage``, or if the disk fails.
    func allocate(_ bytes: Int) throws(DiskError)

    /// Writes zeros from `start` up to `end`, durably, so that later writes there have no space to find and no
    /// metadata to change, which makes their syncs faster.
    ///
    /// - Throws: As ``write(_:at:)`` and ``sync()``.
    func fill(from start: Int, to end: Int) throws(DiskError)

    /// Sets the length; what is new reads as zeros.
    ///
    /// - Throws: If the disk fails.
    func truncate(to bytes: Int) throws(DiskError)

    /// Makes content and length durable. See ``Disk`` for what a failure means.
    ///
    /// - Throws: If the disk fails, also for a write before.
    func sync() throws(DiskError)

    /// Gives the descriptor back; harmless if repeated. The file must not be used afterwards.
    func close()
}

extension DiskFile {
    /// A write and a sync, for files that have no faster way.
    ///
    /// - Throws: As ``write(_:at:)`` and ``sync()``.
    public func append(_ bytes: [UInt8], at offset: Int) throws(DiskError) {
        try write(bytes, at: offset)
        try sync()
    }

    /// A write and a sync, for files that have no better way.
    ///
    /// - Throws: As ``write(_:at:)`` and ``sync()``.
    public func fill(from start: Int, to end: Int) throws(DiskError) {
        guard start < end else { return }
        try write([UInt8](repeating: 0, count: end - start), at: start)
        try sync()
    }
}

/// A held lock of a ``Disk``.
public protocol DiskLock: AnyObject {
    /// Releases it; harmless if repeated.
    func release()
}
