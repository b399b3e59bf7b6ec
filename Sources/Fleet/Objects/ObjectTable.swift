import Manifest
import Primitives

/// Every object of the fleet, with what makes finding them cheap.
///
/// Invariant: `bound`, `unbound` and `digest` follow from `byKind` alone.
struct ObjectTable: Equatable, Sendable {
    private struct Stored: Equatable, Sendable {
        var object: FleetObject
        /// Of the object's encoded form, so that it can be taken out of the sum again without encoding it.
        var digest: UInt64
    }

    /// Never an empty table for a kind.
    private var byKind: [String: ShardedTable<ObjectKey, Stored>] = [:]
    /// Machines by the node that they are bound to; never an empty set.
    private var bound: [String: Set<ObjectKey>] = [:]
    /// Machines that are bound to no node.
    private(set) var unbound: Set<ObjectKey> = []
    /// The sum of all objects' digests: independent of the order in which they came.
    private(set) var digest: UInt64 = 0
    private(set) var count = 0

    subscript(key: ObjectKey) -> FleetObject? { byKind[key.kind]?[key]?.object }

    func bound(to node: String) -> Set<ObjectKey> { bound[node] ?? [] }

    /// In no order.
    func objects(kind: String) -> [FleetObject] { byKind[kind]?.values.map(\.object) ?? [] }

    /// Ascending.
    var sortedKeys: [ObjectKey] { byKind.values.flatMap(\.keys).sorted() }

    /// - Returns: Whether the object is new.
    @discardableResult
    mutating func put(_ object: FleetObject) -> Bool {
        let stored = Stored(object: object, digest: ContentDigest.of { object.encode(into: &$0) })
        let old = byKind[object.key.kind, default: ShardedTable()].updateValue(stored, forKey: object.key)
        digest &+= stored.digest &- (old?.digest ?? 0)
        if old == nil { count += 1 }
        guard object.key.isMachine, old == nil || old?.object.binding != object.binding else { return old == nil }
        if let old { leaveIndex(old.object) }
        enterIndex(object)
        return old == nil
    }

    mutating func remove(_ key: ObjectKey) {
        guard let old = byKind[key.kind]?.removeValue(forKey: key) else { return }
        if byKind[key.kind]?.isEmpty == true { byKind[key.kind] = nil }
        digest &-= old.digest
        count -= 1
        if key.isMachine { leaveIndex(old.object) }
    }

    private mutating func enterIndex(_ machine: FleetObject) {
        if let binding = machine.binding {
            bound[binding.node, default: []].insert(machine.key)
        } else {
            unbound.insert(machine.key)
        }
    }

    private mutating func leaveIndex(_ machine: FleetObject) {
        guard let binding = machine.binding else {
            unbound.remove(machine.key)
            return
        }
        bound[binding.node]?.remove(machine.key)
        if bound[binding.node]?.isEmpty == true { bound[binding.node] = nil }
    }
}
