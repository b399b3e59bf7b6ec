// What becomes of local work when it is done.
extension RaftNode {
    /// A ``Message/Kind/storageAppend`` is durable: notes its content in ``storage``, takes the responses that are
    /// for this node, and returns those for others, to be sent now.
    ///
    /// Append work must be completed in the order in which it was handed out. If it carries a snapshot, the state
    /// machine must stand at that snapshot before; apply work that was handed out earlier and is not done yet may then
    /// hold entries that the snapshot includes, which the state machine must skip.
    public mutating func completeAppend(_ work: Message) -> [Message] {
        precondition(work.kind == .storageAppend, "a \(work.kind) message is no append work")
        store(work)
        return takeOwnResponses(of: work)
    }

    /// A ``Message/Kind/storageApply`` is done: its entries are applied, those that change the membership through
    /// ``applyConfChange(in:)``. Apply work must be completed in the order in which it was handed out.
    public mutating func completeApply(_ work: Message) {
        precondition(work.kind == .storageApply, "a \(work.kind) message is no apply work")
        let others = takeOwnResponses(of: work)
        precondition(others.isEmpty, "apply work has responses for others")
    }

    /// Notes in ``storage`` what append work made durable.
    package mutating func store(_ work: Message) {
        if let hardState = work.hardState { log.storage.setHardState(hardState) }
        if let snapshot = work.snapshot {
            do {
                try log.storage.applySnapshot(snapshot)
            } catch {
                preconditionFailure("append work out of order: \(error)")
            }
        }
        log.storage.append(work.entries)
    }

    private mutating func takeOwnResponses(of work: Message) -> [Message] {
        var others: [Message] = []
        for response in work.responses {
            if response.to == id { handleLocal(response) } else { others.append(response) }
        }
        return others
    }

    mutating func handleAppended(_ message: Message) {
        if message.index != .zero {
            log.stabilize(to: LogPosition(term: message.logTerm, index: message.index), trace: &trace)
        }
        if let snapshot = message.snapshot { snapshotStored(snapshot.index) }
    }

    mutating func handleApplied(_ message: Message) {
        guard let last = message.entries.last?.index else { return }
        applied(to: last, bytes: message.entries.limitedBytes)
        uncommittedBytes -= min(uncommittedBytes, message.entries.payloadBytes)
    }

    mutating func applied(to index: LogIndex, bytes: UInt64) {
        log.applied(to: max(index, log.applied), bytes: bytes)
        leaveJointIfDue()
    }
}
