import Glibc

/// A file operation that failed.
public struct DiskError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Operation: String, Hashable, Sendable {
        case createDirectory = "create the directory"
        case list = "list"
        case create = "create"
        case open = "open"
        case size = "tell the size of"
        case read = "read"
        case write = "write to"
        case allocate = "allocate space for"
        case truncate = "truncate"
        case sync = "sync"
        case rename = "rename"
        case remove = "remove"
        case syncDirectory = "sync the directory"
        case lock = "lock"
        case changeMode = "change the mode of"
    }

    public let operation: Operation
    public let path: String
    /// The system's error number (`errno`).
    public let code: Int32

    public init(_ operation: Operation, _ path: String, code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    /// The error number that says that there is no such file or directory.
    public static let notFoundCode = ENOENT
    /// The error number that says that the name is taken.
    public static let alreadyThereCode = EEXIST
    /// The error number that says that the file system is full.
    public static let outOfSpaceCode = ENOSPC
    /// The error number that says that another process has the lock.
    public static let lockedCode = EWOULDBLOCK
    /// The error number that says that the process has as many descriptors open as it may.
    public static let outOfDescriptorsCode = EMFILE
    /// The error number that says that the device failed.
    public static let deviceFailureCode = EIO

    /// Whether there is no such file or directory.
    public var isNotFound: Bool { code == ENOENT }
    /// Whether the name is taken.
    public var isAlreadyThere: Bool { code == EEXIST }
    /// Whether the file system, or the user's share of it, is full.
    public var isOutOfSpace: Bool { code == ENOSPC || code == EDQUOT }
    /// Whether the process or the host had no descriptor left for it.
    public var isOutOfDescriptors: Bool { code == EMFILE || code == ENFILE }
    /// Whether there was too little of something of which there may be more later. A file that was to be opened or
    /// reserved is not there then.
    public var isShortage: Bool { isOutOfSpace || isOutOfDescriptors }
    /// Whether another process (or another holder in this one) has the lock.
    public var isLockedByOther: Bool { operation == .lock && (code == EWOULDBLOCK || code == EAGAIN) }

    public var description: String {
        if isLockedByOther { return "\(path) is locked: another process uses this directory" }
        let what = "can't \(operation.rawValue) \(path): \(Self.message(for: code))"
        if isOutOfSpace { return what + "; free space on that file system" }
        if isOutOfDescriptors { return what + "; raise the limit of open files (ulimit -n) of the process" }
        if code == EACCES || code == EPERM { return what + "; check its owner and mode" }
        return what
    }

    /// The system's words for an error number.
    private static func message(for code: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
        return buffer.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }
}
