import Primitives
import Raft

/// The names in a journal's directory: numbers in 16 hexadecimal digits, so that names sort as their numbers do.
enum JournalFileName: Hashable, Sendable {
    /// `wal-<sequence>-<first index>.log`
    case segment(sequence: UInt64, firstIndex: LogIndex)
    /// `snap-<index>-<term>.snap`
    case snapshot(LogPosition)
    case lock
    /// Something unfinished, of no meaning after a restart.
    case temporary(String)

    /// The next segment, before it has a name.
    static let nextSegment = JournalFileName.temporary("next.tmp")
    /// The copy of the last segment that is made at every start.
    static let segmentCopy = JournalFileName.temporary("copy.tmp")
    /// Nothing but space.
    static let reserve = JournalFileName.temporary("reserve.tmp")

    /// A snapshot that is being written.
    static func unfinishedSnapshot(_ position: LogPosition) -> JournalFileName {
        .temporary(JournalFileName.snapshot(position).text + ".tmp")
    }

    /// Nil for a name that no journal makes.
    init?(_ text: String) {
        if text == "LOCK" {
            self = .lock
        } else if text.hasSuffix(".tmp") {
            self = .temporary(text)
        } else if let (sequence, firstIndex) = Self.numbers(of: text, prefix: "wal-", suffix: ".log") {
            self = .segment(sequence: sequence, firstIndex: LogIndex(firstIndex))
        } else if let (index, term) = Self.numbers(of: text, prefix: "snap-", suffix: ".snap") {
            self = .snapshot(LogPosition(term: Term(term), index: LogIndex(index)))
        } else {
            return nil
        }
    }

    var text: String {
        switch self {
        case .segment(let sequence, let first): "wal-\(Self.hex(sequence))-\(Self.hex(first.rawValue)).log"
        case .snapshot(let position):
            "snap-\(Self.hex(position.index.rawValue))-\(Self.hex(position.term.rawValue)).snap"
        case .lock: "LOCK"
        case .temporary(let text): text
        }
    }

    func path(in directory: String) -> String { directory + "/" + text }

    private static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func numbers(of text: String, prefix: String, suffix: String) -> (UInt64, UInt64)? {
        guard text.hasPrefix(prefix), text.hasSuffix(suffix) else { return nil }
        let parts = text.dropFirst(prefix.count).dropLast(suffix.count)
            .split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let first = UInt64(parts[0], radix: 16), let second = UInt64(parts[1], radix: 16),
            parts[0] == hex(first), parts[1] == hex(second)
        else { return nil }
        return (first, second)
    }
}

extension WriteAheadLog {
    /// The file by whose lock one process at a time has the log in a directory open.
    public static func lockFile(in directory: String) -> String { JournalFileName.lock.path(in: directory) }
}
