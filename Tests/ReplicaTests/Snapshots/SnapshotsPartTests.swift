import Fleet
import Primitives
import Raft
import Testing

@testable import Replica

@Suite("When snapshots are stored")
struct SnapshotsPartTests {
    private let policy = SnapshotPolicy(entries: 10, bytes: 100, trailingEntries: 2, trailingBytes: 50)
    private let now = PartValues.now

    private func log(
        applied: UInt64, compacted: UInt64 = 0, stored: UInt64 = 0, isWaitedFor: Bool = false, isShort: Bool = false
    ) -> LogSituation {
        LogSituation(
            applied: LogIndex(applied), compacted: LogIndex(compacted), stored: LogIndex(stored),
            isWaitedFor: isWaitedFor, isShortOfDisk: isShort)
    }

    private var order: SnapshotOrder {
        SnapshotOrder(
            metadata: SnapshotMetadata(
                index: LogIndex(10), term: Term(1), confState: PartValues.leader().raft.confState),
            fleet: PartValues.fleet())
    }

    @Test("a snapshot is due by entries, by bytes, for a newcomer, and for room, but never of what is stored already")
    func due() {
        var snapshots = Snapshots(policy: policy)
        #expect(!snapshots.isDue(log(applied: 9), at: now))
        #expect(snapshots.isDue(log(applied: 10), at: now))
        #expect(!snapshots.isDue(log(applied: 19, compacted: 10), at: now))
        #expect(snapshots.isDue(log(applied: 1, isWaitedFor: true), at: now))
        #expect(snapshots.isDue(log(applied: 1, isShort: true), at: now))
        #expect(!snapshots.isDue(log(applied: 1, stored: 1, isShort: true), at: now))
        snapshots.applied(bytes: 100)
        #expect(snapshots.isDue(log(applied: 1), at: now))
    }

    @Test("one snapshot is stored at a time")
    func oneAtATime() {
        var snapshots = Snapshots(policy: policy)
        var effects = Effects()
        snapshots.applied(bytes: 100)
        snapshots.store(order, effects: &effects)
        #expect(effects.list.count == 1)
        #expect(snapshots.bytesSince == 0)
        #expect(!snapshots.isDue(log(applied: 20), at: now))
        snapshots.stored()
        #expect(snapshots.isDue(log(applied: 20), at: now))
    }

    @Test("a snapshot that could not be stored is tried again after a while, however little comes until then")
    func failed() {
        var snapshots = Snapshots(policy: policy)
        var effects = Effects()
        snapshots.store(order, effects: &effects)
        snapshots.failed(at: now)
        #expect(!snapshots.isDue(log(applied: 1), at: now))
        #expect(snapshots.isDue(log(applied: 1), at: now + ReplicaTiming.snapshotRetryMilliseconds))
    }

    @Test("a leader's state is kept once, and goes with all older ones when it is taken")
    func received() {
        var snapshots = Snapshots(policy: policy)
        let metadata = SnapshotMetadata(
            index: LogIndex(8), term: Term(1), confState: PartValues.leader().raft.confState)
        let fleet = PartValues.fleet(["web"])
        #expect(snapshots.receive(PartValues.fleet(), at: LogIndex(5)) == true)
        #expect(snapshots.receive(fleet, at: LogIndex(8)) == true)
        #expect(snapshots.receive(fleet, at: LogIndex(8)) == false)
        #expect(snapshots.receive(fleet, at: LogIndex(9)) == true)
        let snapshot = Snapshot(metadata: metadata, data: [])
        #expect(snapshots.stateHash(of: snapshot) == fleet.stateHash)
        let taken = snapshots.take(snapshot)
        #expect(taken.stateHash == fleet.stateHash)
        #expect(snapshots.received.map(\.index) == [LogIndex(9)])
        snapshots.drop(LogIndex(9))
        #expect(snapshots.received.isEmpty)
    }
}
