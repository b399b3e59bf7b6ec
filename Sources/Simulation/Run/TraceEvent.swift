import Fleet
import Primitives
import Raft
import Wire

/// One line of what happened, as a value.
enum TraceEvent: Equatable {
    case started(node: Int, index: UInt64, term: UInt64)
    case crashed(node: Int, why: String)
    case struck(FaultKind, node: Int?)
    case healed(Wound)
    case faultsEnded
    case delivered(from: Int, to: Int, PeerMessage, checksum: UInt32)
    case lost(from: Int, to: Int, FaultKind)
    case snapshotArrived(from: Int, to: Int, index: UInt64)
    case durable(node: Int, works: Int)
    case snapshotSaved(node: Int, index: UInt64)
    case role(node: Int, Role, term: UInt64, leader: UInt64?)
    case applied(node: Int, index: UInt64, stateHash: UInt64)
    case committed(Entry)
    case noticed(node: Int, String)
    case machine(node: Int, UID, verb: String, outcome: String)
    case asked(user: Int, what: String, node: Int)
    case answered(user: Int, what: String, result: String)
    case violation(Violation)

    var text: String {
        switch self {
        case .started(let node, let index, let term): "\(name(node)) starts at index \(index), term \(term)"
        case .crashed(let node, let why): "\(name(node)) ends: \(why)"
        case .struck(let kind, let node): "fault: \(kind.rawValue)" + (node.map { " at \(name($0))" } ?? "")
        case .healed(.partition(let number)): "partition \(number) heals"
        case .healed(.slowDisk(let node)): "the disk of \(name(node)) is fast again"
        case .healed(.fullDisk(let node)): "the disk of \(name(node)) has room again"
        case .healed(.tickStall(let run)): "\(name(run.node)) feels time again"
        case .healed(.cloggedLink(let from, let to)): "\(name(from)) -> \(name(to)) is free again"
        case .faultsEnded: "faults end"
        case .delivered(let from, let to, let message, _): "\(name(from)) -> \(name(to)): \(Self.text(message))"
        case .lost(let from, let to, let kind): "\(name(from)) -> \(name(to)): \(kind.rawValue)"
        case .snapshotArrived(let from, let to, let index):
            "\(name(from)) -> \(name(to)): the snapshot of index \(index)"
        case .durable(let node, let works): "\(name(node)) has \(works) more on disk"
        case .snapshotSaved(let node, let index): "\(name(node)) saves a snapshot of index \(index)"
        case .role(let node, let role, let term, let leader):
            "\(name(node)) is \(role) in term \(term), leader \(leader.map { "\($0)" } ?? "unknown")"
        case .applied(let node, let index, let hash):
            "\(name(node)) has applied \(index), state \(String(hash, radix: 16))"
        case .committed(let entry): "entry \(entry.index) of term \(entry.term): \(CanonicalHistory.text(of: entry))"
        case .noticed(let node, let text): "\(name(node)): \(text)"
        case .machine(let node, let uid, let verb, let outcome): "\(name(node)) \(verb) \(uid.short): \(outcome)"
        case .asked(let user, let what, let node): "user \(user) asks \(name(node)): \(what)"
        case .answered(let user, let what, let result): "user \(user): \(what) -> \(result)"
        case .violation(let violation): "VIOLATION \(violation)"
        }
    }

    private static func text(_ message: PeerMessage) -> String {
        switch message {
        case .raft(let raft):
            "\(raft.kind) term \(raft.term), at \(raft.index) of \(raft.logTerm), commit \(raft.commit), "
                + "\(raft.entries.count) entries" + (raft.snapshot.map { ", snapshot \($0.index)" } ?? "")
                + (raft.reject ? ", rejected, hint \(raft.rejectHint)" : "")
        case .proposal(let proposal): "proposal \(proposal.request)"
        case .writeFailed(let failed): "failure of \(failed.request): \(failed.failure)"
        case .liveness(let liveness): "liveness of term \(liveness.term)"
        }
    }

    private func name(_ node: Int) -> String { "node-\(node + 1)" }

    /// The frequent kinds as numbers, because their texts would cost more than the simulation itself.
    func combine(into hash: inout StableHash) {
        switch self {
        case .delivered(let from, let to, _, let checksum):
            hash.combine(UInt64(from) << 40 | UInt64(to) << 32 | UInt64(checksum))
        case .lost(let from, let to, let kind):
            hash.combine(UInt64(from) << 40 | UInt64(to) << 32)
            hash.combine(kind.rawValue)
        case .committed(let entry): hash.combine(entry.index.rawValue)
        case .durable(let node, let works): hash.combine(UInt64(node) << 32 | UInt64(works))
        case .applied(let node, let index, let stateHash):
            hash.combine(UInt64(node) << 48 | index)
            hash.combine(stateHash)
        default: hash.combine(text)
        }
    }
}
