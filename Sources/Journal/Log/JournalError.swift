public import Host

/// Why the journal did not do what it was asked.
public enum JournalError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A disk operation failed. While the log is open this is the end: nothing more is written or acknowledged, and
    /// the process must stop; the next start finds out what is durable.
    case disk(DiskError)
    /// There is no room for this write, and nothing of it was written. It may be tried again when there is.
    case outOfSpace(DiskError)
    /// Another process has the directory open.
    case locked(DiskError)
    /// There is no journal in this directory.
    case missing(directory: String)
    /// There is a journal in this directory already.
    case alreadyThere(directory: String)
    /// What was acknowledged can't be read back. Nothing was changed.
    case damaged(JournalDamage)
    /// The directory holds the log of another node.
    case wrongIdentity(file: String, expected: JournalIdentity, found: JournalIdentity)
    /// The file was written in a newer format.
    case unknownVersion(file: String, version: UInt32)
    /// An earlier write failed, so this one was not tried.
    case stopped

    /// Whether trying the same again can help without a restart.
    public var isRetriable: Bool {
        if case .outOfSpace = self { return true }
        return false
    }

    /// With what a program exits that can't go on for this reason: 70 (`EX_SOFTWARE` of sysexits.h) when data is
    /// damaged or foreign and a restart can't help, else 74 (`EX_IOERR`).
    public var exitCode: Int32 {
        switch self {
        case .damaged, .wrongIdentity, .unknownVersion: 70
        default: 74
        }
    }

    public var description: String {
        switch self {
        case .disk(let error): "journal stopped: \(error)"
        case .outOfSpace(let error): "journal has no room: \(error)"
        case .locked(let error): error.description
        case .missing(let directory): "there is no journal in \(directory); create the cluster or join one first"
        case .alreadyThere(let directory): "there is a journal in \(directory) already; use another data directory"
        case .damaged(let damage): damage.description
        case .wrongIdentity(let file, let expected, let found):
            "\(file) belongs to \(found), but this node is \(expected); check which data directory it was given"
        case .unknownVersion(let file, let version):
            "\(file) has format version \(version), which this program does not know; use a newer one"
        case .stopped: "journal stopped after an earlier failure; restart the node"
        }
    }
}

/// Acknowledged data that can't be read back.
public struct JournalDamage: Error, Hashable, Sendable, CustomStringConvertible {
    public var file: String
    /// Bytes from the start of the file.
    public var offset: Int
    /// The first log index that can't be read, if entries are concerned.
    public var firstIndex: UInt64?
    /// The last log index that is known to have been written.
    public var lastIndex: UInt64?
    public var reason: String

    public init(file: String, offset: Int, firstIndex: UInt64? = nil, lastIndex: UInt64? = nil, reason: String) {
        self.file = file
        self.offset = offset
        self.firstIndex = firstIndex
        self.lastIndex = lastIndex
        self.reason = reason
    }

    public var description: String {
        var text = "journal damaged: \(file) at byte \(offset): \(reason)"
        switch (firstIndex, lastIndex) {
        case (let first?, let last?) where first <= last: text += "; entries \(first) to \(last) can't be read"
        case (let first?, _): text += "; entries from \(first) on can't be read"
        default: break
        }
        return text + """
            . Nothing was changed. Keep a copy of the directory; then take this node out by `blixard cluster remove` \
            and let it join again, with an empty data directory, by a ticket of `blixard ticket create --for-node`
            """
    }
}
