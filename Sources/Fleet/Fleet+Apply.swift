import Manifest
import Primitives

extension Fleet {
    /// Applies the command of one log entry.
    ///
    /// Total: whatever can be decoded has an outcome, and a refused command changes nothing but the time, the applied
    /// index and, for a write, the window of answered requests.
    ///
    /// - Parameter index: The entry's log index; one that is not after ``appliedIndex`` is a programmer error, because
    ///   an entry applied twice parts this replica from the others.
    public mutating func apply(_ command: CommandEnvelope, index: UInt64) -> CommandOutcome {
        skip(index: index)
        if command.stamp <= Self.lastStamp { time = max(time, command.stamp) }
        do throws(Refusal) {
            if case .bootstrap(let bootstrap) = command.command { return try apply(bootstrap) }
            guard !clusterID.isEmpty else {
                throw Refusal(.bootstrap, "there is no cluster yet: run 'blixard cluster init' once, on one node")
            }
            return try applyToCluster(command)
        } catch {
            return .refused([error])
        }
    }

    /// The end of the year 9999: a clock that is beyond it is broken, and would label everything after it.
    static let lastStamp = WallTime(milliseconds: 253_402_300_799_999)

    /// Counts an entry that changes nothing: an empty one, or a membership change without a command.
    ///
    /// - Parameter index: As in ``apply(_:index:)``.
    public mutating func skip(index: UInt64) {
        precondition(
            index > appliedIndex && index < 1 << 56, "entry \(index) comes after entry \(appliedIndex) was applied")
        appliedIndex = index
    }

    private mutating func applyToCluster(_ envelope: CommandEnvelope) throws(Refusal) -> CommandOutcome {
        switch envelope.command {
        case .bootstrap(let bootstrap): try apply(bootstrap)
        case .write(let write): apply(write, author: envelope.author)
        case .place(let batch): apply(batch)
        case .report(let report): try apply(report, author: envelope.author)
        case .createTicket(let grant): try apply(grant)
        case .join(let join): try apply(join, stamp: envelope.stamp)
        case .promote(let id): try promote(id)
        case .remove(let id, _): try removeMember(id)
        case .updateMember(let id, let addresses, let level):
            try updateMember(id, addresses: addresses, level: level)
        case .grant(let key, let name, let role): try grant(AccessEntry(key: key, name: name, role: role))
        case .revoke(let key): try revoke(key)
        case .raiseLevel(let level): try raiseLevel(to: level)
        case .adoptSecretsKey(let key): try adopt(key)
        case .reseal(let specs): reseal(specs)
        case .reveal(let key, let uid): try recordRevealing(key, uid: uid, author: envelope.author)
        case .sourceReport(let report): apply(report)
        }
    }

    private mutating func raiseLevel(to next: UInt32) throws(Refusal) -> CommandOutcome {
        guard level < UInt32.max, next == level + 1 else {
            throw Refusal(.levelUnknown, "level \(next) does not follow level \(level)")
        }
        let behind = memberTable.sorted.filter { $0.level < next }
        guard behind.isEmpty else {
            let names = behind.map { "\"\($0.name)\" (\($0.level))" }.joined(separator: ", ")
            throw Refusal(.levelUnknown, "level \(next) is not understood by \(names): upgrade first")
        }
        level = next
        return .done(revision: revision)
    }
}

extension Refusal {
    /// A refusal that concerns no object.
    init(_ reason: Reason, _ message: String) {
        self.init(reason: reason, key: nil, field: nil, message: message)
    }
}
