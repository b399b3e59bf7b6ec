import JSONText
import Journal
import Raft

extension JournalInspection {
    /// What `-o json` prints. Indexes, terms and sizes are numbers; hashes are hexadecimal digits, because they need
    /// all 64 bits.
    func json(listsEntries: Bool) -> JSON {
        var members: [JSONObject.Member] = [
            .init(key: "directory", value: .string(directory)),
            .init(key: "sound", value: .bool(isSound)),
            .init(key: "heldBy", value: holder.map { .integer(Int64($0)) } ?? .null),
            .init(key: "identity", value: identity.map(Self.json) ?? .null),
            .init(key: "start", value: recovered.map(Self.json) ?? .null),
            .init(key: "segments", value: .array(segments.map(Self.json))),
            .init(key: "snapshots", value: .array(snapshots.map(Self.json))),
        ]
        if listsEntries { members.append(.init(key: "entries", value: .array(entries.map(Self.json)))) }
        members.append(.init(key: "problems", value: .array(problems.map(Self.json))))
        return .object(JSONObject(uniqueMembers: members))
    }

    static func hashText(_ hash: UInt64) -> String {
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func json(_ identity: JournalIdentity) -> JSON {
        [
            "cluster": .string(identity.clusterID), "node": number(identity.nodeID.rawValue),
            "incarnation": number(identity.incarnation),
        ]
    }

    private static func json(_ recovered: RecoveredJournal) -> JSON {
        [
            "hardState": json(recovered.hardState),
            "snapshotIndex": recovered.snapshot.map { number($0.snapshot.index.rawValue) } ?? .null,
            "firstIndex": recovered.entries.first.map { number($0.index.rawValue) } ?? .null,
            "lastIndex": number(recovered.last.index.rawValue),
            "lastTerm": number(recovered.last.term.rawValue),
            "bytesCut": .integer(Int64(recovered.bytesCut)),
        ]
    }

    private static func json(_ state: HardState) -> JSON {
        [
            "term": number(state.term.rawValue), "vote": state.vote.map { number($0.rawValue) } ?? .null,
            "commit": number(state.commit.rawValue),
        ]
    }

    private static func json(_ segment: Segment) -> JSON {
        var ending: JSON = ["state": "clean"]
        switch segment.ending {
        case .clean: break
        case .torn(let bytes): ending = ["state": "torn", "bytes": .integer(Int64(bytes))]
        case .damaged(let reason): ending = ["state": "damaged", "reason": .string(reason)]
        }
        return [
            "file": .string(segment.file), "sequence": number(segment.sequence),
            "firstIndex": number(segment.firstIndex), "batches": .integer(Int64(segment.batches)),
            "seals": .integer(Int64(segment.seals)), "entries": .integer(Int64(segment.entries)),
            "indexes": json(segment.indexes), "terms": json(segment.terms), "hardState": json(segment.hardState),
            "usedBytes": .integer(Int64(segment.usedBytes)), "bytes": .integer(Int64(segment.segmentBytes)),
            "ending": ending,
        ]
    }

    private static func json(_ snapshot: SnapshotSummary) -> JSON {
        [
            "file": .string(snapshot.file), "index": number(snapshot.position.index.rawValue),
            "term": number(snapshot.position.term.rawValue), "recorded": .bool(snapshot.isRecorded),
            "membership": snapshot.confState.map(json) ?? .null,
            "stateHash": snapshot.stateHash.map { .string(hashText($0)) } ?? .null,
            "dataBytes": snapshot.bytes.map { .integer(Int64($0)) } ?? .null,
            "problem": snapshot.problem.map { .string($0.description) } ?? .null,
        ]
    }

    private static func json(_ confState: ConfState) -> JSON {
        [
            "voters": json(confState.voters), "learners": json(confState.learners),
            "votersOutgoing": json(confState.votersOutgoing), "learnersNext": json(confState.learnersNext),
            "autoLeave": .bool(confState.autoLeave),
        ]
    }

    private static func json(_ entry: EntrySummary) -> JSON {
        [
            "index": number(entry.index), "term": number(entry.term), "kind": .string(entry.kind.text),
            "bytes": .integer(Int64(entry.bytes)), "batch": number(entry.batch), "file": .string(entry.file),
            "offset": .integer(Int64(entry.offset)), "replaced": .bool(entry.isReplaced),
        ]
    }

    private static func json(_ problem: JournalError) -> JSON {
        guard case .damaged(let damage) = problem else {
            return ["message": .string(problem.description), "exitCode": .integer(Int64(problem.exitCode))]
        }
        return [
            "message": .string(problem.description), "exitCode": .integer(Int64(problem.exitCode)),
            "file": .string(damage.file), "offset": .integer(Int64(damage.offset)),
            "firstIndex": damage.firstIndex.map(number) ?? .null,
            "lastIndex": damage.lastIndex.map(number) ?? .null, "reason": .string(damage.reason),
        ]
    }

    private static func json(_ nodes: [NodeID]) -> JSON { .array(nodes.map { number($0.rawValue) }) }

    private static func json(_ range: ClosedRange<UInt64>?) -> JSON {
        guard let range else { return .null }
        return ["from": number(range.lowerBound), "to": number(range.upperBound)]
    }

    /// Numbers beyond what JSON's readers agree on are text.
    private static func number(_ value: UInt64) -> JSON {
        Int64(exactly: value).map { .integer($0) } ?? .string(String(value))
    }
}
