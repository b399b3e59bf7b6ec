import Fleet
import Manifest
import Primitives
import Raft
import Replica

/// What a log does to a state machine that starts from nothing and never stops.
struct Replay {
    private(set) var fleet: Fleet
    /// The state's hash after each entry.
    private(set) var hashes: [UInt64: UInt64] = [:]

    init(bounds: FleetBounds = .standard) { fleet = Fleet(bounds: bounds) }

    mutating func apply(_ entry: Entry) throws(DecodingFailure) {
        let bytes = entry.kind == .membership ? try ConfChangeV2(decoding: entry.data).context : entry.data
        if bytes.isEmpty {
            fleet.skip(index: entry.index.rawValue)
        } else {
            _ = fleet.apply(try LogRecord(bytes).envelope, index: entry.index.rawValue)
        }
        hashes[entry.index.rawValue] = fleet.stateHash
    }

    /// A write of one object, of a kind that no loop of a node looks after.
    static func write(_ name: String, _ number: Int, request: RequestID, base: UInt64) -> Command {
        .write(
            WriteCommand(
                request: request, baseRevision: base,
                mutations: [
                    .put(
                        Put(
                            key: key(name), labels: [:], annotations: [:], spec: Array("{\"n\":\(number)}".utf8),
                            precondition: .none, requiredNode: nil))
                ]))
    }

    static func key(_ name: String) -> ObjectKey { ObjectKey(kind: "GitRepository", namespace: "", name: name) }
}
