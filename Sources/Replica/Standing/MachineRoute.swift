public import Fleet
public import Manifest
public import Primitives
import Reconcile

/// Where what is asked of one machine is answered, by the state that the node which was asked has applied.
///
/// A node asks on at most once. A member asks the node that holds the machine by what it knows itself; where the two
/// disagree one of them is behind, and asking on could go round in circles.
public enum MachineRoute: Equatable, Sendable {
    /// There is no such machine.
    case missing
    /// The node that was asked holds it.
    case here(FleetObject)
    /// That node holds it, and may be asked.
    case ask(node: String)
    /// It is on that node by what is known here, which the member that asks must find out itself.
    case disagreed(node: String)
    /// The leader has not decided about its place, and commonly does in a moment.
    case undecided
    /// It is on no node, and why: a sentence for people.
    case unbound(String)

    /// How long the leader may take to decide about the place of a machine that was just created, or is wanted again.
    public static let placementMilliseconds: Int64 = 3000

    /// Where a machine is started or restarted.
    ///
    /// - Parameters:
    ///   - author: The key of the one that asks.
    ///   - node: The node that was asked, by name.
    public static func ofRequest(
        for key: ObjectKey, by author: PublicKey, at node: String, in fleet: Fleet
    ) -> MachineRoute {
        guard let object = fleet[key] else { return .missing }
        if let binding = object.binding { return bound(object, to: binding.node, by: author, at: node, in: fleet) }
        if object.deletion != nil { return .unbound("\(key.name) is being deleted") }
        return judgeUnbound(object).map { .unbound($0) } ?? .undecided
    }

    /// Where a machine's log is read; a machine whose place is not decided has none.
    ///
    /// - Parameters:
    ///   - author: The key of the one that asks.
    ///   - node: The node that was asked, by name.
    public static func ofLog(
        of key: ObjectKey, by author: PublicKey, at node: String, in fleet: Fleet
    ) -> MachineRoute {
        guard let object = fleet[key] else { return .missing }
        guard let binding = object.binding else { return .unbound(logsOfUnbound(object)) }
        return bound(object, to: binding.node, by: author, at: node, in: fleet)
    }

    private static func bound(
        _ object: FleetObject, to holder: String, by author: PublicKey, at node: String, in fleet: Fleet
    ) -> MachineRoute {
        if holder == node { return .here(object) }
        return fleet.member(key: author) == nil ? .ask(node: holder) : .disagreed(node: holder)
    }
}
