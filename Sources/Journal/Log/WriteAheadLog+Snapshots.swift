import Host
import Primitives
public import Raft

extension WriteAheadLog {
    /// Stores the node's own snapshot, makes it known to the log, and drops what is then not needed any more.
    ///
    /// Throws ``JournalError/outOfSpace(_:)`` with nothing changed if there is no room even in the reserve.
    public func saveSnapshot(_ content: JournalSnapshot) throws(JournalError) {
        try writeFile(content)
        try recordSnapshot(content.snapshot.metadata.position)
    }

    /// Makes a snapshot known to the log, after ``SnapshotFile/write(_:clusterID:on:in:chunkBytes:)``.
    ///
    /// The two newest snapshots are kept; of the log, what the older of the two does not include. Stops the program if
    /// the snapshot is not newer than the last one, or reaches beyond the log.
    ///
    /// - Throws: ``JournalError/outOfSpace(_:)`` with nothing changed; ``JournalError/disk(_:)``, which stops the log;
    ///   ``JournalError/stopped``.
    public func recordSnapshot(_ position: LogPosition) throws(JournalError) {
        guard !hasStopped else { throw .stopped }
        precondition(
            position.index > snapshots.first?.index ?? .zero && position.index <= last.index,
            "snapshot \(position.index) after \(snapshots.first?.index ?? .zero), log up to \(last.index)")
        var state = hardState
        // Only what is committed is ever applied, so this is known even if it was not given yet.
        state.commit = max(state.commit, position.index)
        try makeDurable(hardState: state, marker: .snapshotSaved(position), entries: [])
        snapshots = Array(([position] + snapshots).prefix(2))
        statistics.snapshots += 1
        try removeOlderSnapshots()
        guard snapshots.count == 2 else { return }
        let older = snapshots[1].index
        try removeSegments { $0.lastIndex <= older }
    }

    /// Reads a kept snapshot and checks every byte of it.
    ///
    /// - Throws: ``JournalError/damaged(_:)``, also if the file is not there; ``JournalError/disk(_:)``;
    ///   ``JournalError/unknownVersion(file:version:)``.
    public func readSnapshot(_ position: LogPosition) throws(JournalError) -> JournalSnapshot {
        try SnapshotFile.read(position, of: identity.clusterID, on: disk, in: directory)
    }

    /// Replaces the log by a snapshot from the leader: file, then marker and hard state in one batch, and only then
    /// the log goes.
    func install(
        _ content: JournalSnapshot, hardState next: HardState?, entries: [Entry]
    ) throws(JournalError) {
        let position = content.snapshot.metadata.position
        precondition(
            position.index > snapshots.first?.index ?? .zero,
            "snapshot \(position.index) after \(snapshots.first?.index ?? .zero)")
        var state = next ?? hardState
        state.commit = max(state.commit, position.index)
        check(state, entries: entries, after: position.index, snapshot: position.index)
        try writeFile(content)
        try makeDurable(hardState: state, marker: .snapshotInstalled(position), entries: entries)
        if entries.isEmpty { last = position }
        snapshots = [position]
        statistics.snapshots += 1
        try removeSegments { _ in true }
        try removeOlderSnapshots()
    }

    private func writeFile(_ content: JournalSnapshot) throws(JournalError) {
        guard !hasStopped else { throw .stopped }
        do {
            try writeFileOnce(content)
        } catch {
            guard case .outOfSpace = error, hasReserve else { throw error }
            try fatally { () throws(DiskError) in
                try disk.removeIfThere(JournalFileName.reserve.path(in: directory))
            }
            hasReserve = false
            space = .short
            try writeFileOnce(content)
        }
    }

    private func writeFileOnce(_ content: JournalSnapshot) throws(JournalError) {
        do {
            try SnapshotFile.write(
                content, clusterID: identity.clusterID, on: disk, in: directory,
                chunkBytes: parameters.snapshotChunkBytes)
        } catch {
            if case .disk = error { hasStopped = true }
            throw error
        }
    }

    /// Removes the snapshots that are older than the newest and not kept. Not made durable: one that comes back is
    /// removed again.
    ///
    /// A newer one may just have been written and be about to be recorded.
    private func removeOlderSnapshots() throws(JournalError) {
        let newest = snapshots[0].index
        try removeSnapshots { $0.index < newest }
    }

    /// Removes the snapshots that are not kept and are `unwanted`.
    func removeSnapshots(where unwanted: (LogPosition) -> Bool) throws(JournalError) {
        let kept = Set(snapshots)
        try fatally { () throws(DiskError) in
            for name in try disk.list(directory) {
                guard case .snapshot(let position) = JournalFileName(name), !kept.contains(position), unwanted(position)
                else { continue }
                try disk.removeIfThere(directory + "/" + name)
            }
        }
    }
}
