import Primitives
import Raft
import Wire

/// What a committed entry asks of the fleet and of consensus.
enum CommittedEntry: Equatable {
    /// Nothing: a new leader's first entry.
    case empty
    case command(LogRecord)
    /// A change of the membership, with the command that the fleet decides; nil where consensus leaves a joint
    /// membership by itself, of which the fleet decides nothing.
    case membership(LogRecord?)

    /// Why a replica can't go on behind this entry, which it must never skip.
    struct Unreadable: Error, Equatable {
        var reason: String
    }

    /// - Throws: ``Unreadable`` if this program does not understand the entry.
    init(_ entry: Entry) throws(Unreadable) {
        switch entry.kind {
        case .normal where entry.data.isEmpty: self = .empty
        case .normal: self = .command(try Self.record(entry.data, of: entry))
        case .membershipV1:
            throw Unreadable(
                reason: "entry \(entry.index) holds a membership change of a form that this program never writes")
        case .membership:
            let change: ConfChangeV2
            do throws(DecodingFailure) {
                change = try ConfChangeV2(decoding: entry.data)
            } catch {
                throw Unreadable(reason: "entry \(entry.index) holds an unreadable membership change: \(error)")
            }
            self = .membership(change.context.isEmpty ? nil : try Self.record(change.context, of: entry))
        }
    }

    private static func record(_ bytes: [UInt8], of entry: Entry) throws(Unreadable) -> LogRecord {
        do throws(DecodingFailure) {
            return try LogRecord(bytes)
        } catch {
            throw Unreadable(
                reason: "entry \(entry.index) can't be understood (\(error)); "
                    + "this program is older than the one that wrote it")
        }
    }
}
