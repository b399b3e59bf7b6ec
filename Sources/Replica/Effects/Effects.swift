import Fleet
import Hypervisor
import Primitives
import Raft
import Reconcile

/// What the verbs of the parts bring about while inputs are handled: effects for the shell, and what the reporter is to
/// tell the cluster.
///
/// Each verb that brings something about takes it `inout` and adds to its end, so the order of the calls is the order
/// of the effects. What another part is to hear of is no effect: the verb answers it, and the replica hands it on.
struct Effects: Sendable {
    /// In the order in which they are to be performed; empty between steps.
    private(set) var list: [ReplicaEffect] = []
    /// Gathered since the reporter took it last.
    private(set) var changes = StatusChanges()
    /// Never false again: the node takes no inputs any more.
    private(set) var isStopped = false

    mutating func append(_ effect: ReplicaEffect) { list.append(effect) }

    mutating func notice(_ notice: ReplicaNotice) { list.append(.notice(notice)) }

    /// The node can't go on.
    mutating func stop(_ reason: String) {
        isStopped = true
        list.append(.stop(reason: reason))
    }

    /// What is shown of a machine of this node may have changed.
    mutating func changed(machine uid: UID) { changes.machines.insert(uid) }

    /// What is shown of this node's copy of an image may have changed.
    mutating func changed(image name: String) { changes.images.insert(name) }

    /// What is shown of the node itself may have changed.
    mutating func changedNode() { changes.node = true }

    /// An event of a machine.
    mutating func tell(_ event: MachineEvent) { changes.events.append(event) }

    /// What is to be performed; then there is nothing.
    mutating func take() -> [ReplicaEffect] {
        defer { list.removeAll(keepingCapacity: true) }
        return list
    }

    /// What is to be told; then there is nothing.
    mutating func takeChanges() -> StatusChanges {
        defer { changes = StatusChanges() }
        return changes
    }
}

/// What the reporter is to look at and to tell.
struct StatusChanges: Equatable, Sendable {
    /// Machines of this node whose status may have changed.
    var machines: Set<UID> = []
    /// Images of whose copies on this node the same holds, by name.
    var images: Set<String> = []
    /// Whether the same holds of the node.
    var node = false
    /// In the order in which they happened.
    var events: [MachineEvent] = []

    var isEmpty: Bool { machines.isEmpty && images.isEmpty && !node && events.isEmpty }
}
