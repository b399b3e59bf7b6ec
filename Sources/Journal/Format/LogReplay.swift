import Raft

/// Folds batches into what they amount to: a pure value, the same for recovery and inspection.
struct LogReplay {
    private(set) var hardState: HardState
    /// The snapshots that the log knows to be durable, newest first; at most two.
    private(set) var snapshots: [LogPosition]
    /// The index of `entries.first`, or of the entry that comes next.
    private(set) var firstIndex: LogIndex
    private(set) var entries: [Entry] = []

    /// Starts with the head of the oldest segment that is there.
    init(_ head: SegmentHead) {
        hardState = head.hardState
        snapshots = head.snapshots
        firstIndex = head.firstIndex
    }

    var lastIndex: LogIndex { LogIndex(firstIndex.rawValue + UInt64(entries.count) - 1) }

    /// Takes the next record, or says why no correct program wrote it after those before.
    mutating func apply(_ record: JournalRecord) -> String? {
        switch record {
        case .hardState(let next): return apply(next)
        case .entry(let entry): return apply(entry)
        case .snapshotSaved(let position):
            return applySaved(position)
        case .snapshotInstalled(let position):
            guard snapshots.isEmpty || position.index > snapshots[0].index else {
                return "a snapshot of index \(position.index) after one of index \(snapshots[0].index)"
            }
            snapshots = [position]
            entries = []
            firstIndex = position.index.next
        case .continued: break
        }
        return nil
    }

    /// Takes over a commit index that only a segment's head has.
    mutating func raise(to head: HardState) {
        hardState.commit = max(hardState.commit, head.commit)
    }

    /// Drops what both snapshots include, but for the last entry of the older one, whose term it is compared with.
    private mutating func forget(before index: LogIndex) {
        guard index > firstIndex else { return }
        entries.removeFirst(Int(index.rawValue - firstIndex.rawValue))
        firstIndex = index
    }

    /// A snapshot of the node's own: newer than all before, or in the place of the newest one after a start that could
    /// not read that and went on from the one before it. It then has the same index, or any between the two.
    private mutating func applySaved(_ position: LogPosition) -> String? {
        let before = snapshots.count == 2 ? snapshots[1].index : snapshots.first?.index ?? .zero
        guard position.index > before else {
            return "a snapshot of index \(position.index) after one of index \(snapshots[0].index)"
        }
        guard position.index <= lastIndex else {
            return "a snapshot of index \(position.index) in a log that ends at \(lastIndex)"
        }
        if let other = snapshots.first(where: { $0.index == position.index }), other != position {
            return "a snapshot of index \(position.index) in term \(position.term) after one in term \(other.term)"
        }
        snapshots = Array(([position] + snapshots.filter { $0.index < position.index }).prefix(2))
        if snapshots.count == 2 { forget(before: snapshots[1].index) }
        return nil
    }

    private mutating func apply(_ next: HardState) -> String? {
        guard next.term >= hardState.term, next.commit >= hardState.commit else {
            return "term \(next.term), commit \(next.commit) after term \(hardState.term), commit \(hardState.commit)"
        }
        if next.term == hardState.term, let vote = hardState.vote, next.vote != vote {
            return "a second vote in term \(next.term)"
        }
        hardState = next
        return nil
    }

    private mutating func apply(_ entry: Entry) -> String? {
        guard entry.index <= lastIndex.next else {
            return "entry \(entry.index) after entry \(lastIndex)"
        }
        guard entry.index > snapshots.first?.index ?? .zero else {
            return "entry \(entry.index) within the snapshot of index \(snapshots[0].index)"
        }
        if entry.index < firstIndex {
            firstIndex = entry.index
            entries = []
        } else {
            entries.removeLast(Int(lastIndex.rawValue + 1 - entry.index.rawValue))
        }
        if let last = entries.last, entry.term < last.term {
            return "entry \(entry.index) of term \(entry.term) after one of term \(last.term)"
        }
        entries.append(entry)
        return nil
    }
}
