public import Fleet
import JSONText
public import Manifest
public import Primitives

/// A node as placement sees it.
public struct PlacementNode: Equatable, Sendable {
    public var name: String
    public var labels: [String: String]
    public var unschedulable: Bool
    /// The leader heard from it lately.
    public var isReady: Bool
    /// Its driver can run machines, as far as it has reported.
    public var hasHypervisor: Bool
    /// What machines may use in all; nil until the node has reported it.
    public var allocatable: NodeResources?
    /// What the machines bound to it use already.
    public var allocated: NodeResources
    public var machines: Int
    /// Whether a machine is bound to it whose spec this program can't read. What such a machine uses is not known, so
    /// the node counts as full.
    public var holdsUnreadable: Bool
    public var allocationCounter: UInt64
}

/// Which unbound machines go where, and why the others go nowhere; a pure function of the fleet and of who is ready.
///
/// A machine goes to a node that is ready, takes machines, carries the labels that its selector asks for, and has
/// the room; among several to the one that is used least, measured by the scarcer of CPUs and memory, then to the one
/// with fewer machines, then by name. Machines are taken in the order of their keys.
public struct Placement: Sendable {
    public private(set) var nodes: [PlacementNode]

    /// - Parameter isReady: Whether the leader heard lately from the node of this name.
    public init(fleet: Fleet, isReady: (String) -> Bool) {
        nodes = fleet.members.map { member in
            let key = ObjectKey(kind: "Node", namespace: "", name: member.name)
            let object = fleet[key]
            let spec = object.flatMap { try? NodeSpec(canonical: $0.spec) }
            let status = object.flatMap { try? NodeStatus(canonical: $0.status) }
            var allocated = NodeResources(cpus: 0, memoryBytes: 0)
            var holdsUnreadable = false
            let bound = fleet.bound(to: member.name)
            for machine in bound {
                if let spec = try? VirtualMachineSpec(canonical: machine.spec) {
                    allocated.add(spec)
                } else {
                    holdsUnreadable = true
                }
            }
            return PlacementNode(
                name: member.name, labels: object?.labels ?? [:],
                // A spec that this program can't read may forbid machines, so it does.
                unschedulable: spec?.unschedulable ?? true, isReady: isReady(member.name),
                hasHypervisor: status?.conditions["HypervisorAvailable"]?.status != .false,
                allocatable: status.map { less($0.allocatable, spec?.reserved) }, allocated: allocated,
                machines: bound.count, holdsUnreadable: holdsUnreadable,
                allocationCounter: fleet.allocationCounter(of: member.name))
        }
    }

    /// Decides about every unbound machine of the fleet.
    public mutating func decide(_ fleet: Fleet) -> PlacementBatch {
        var demand = PlacementDemand(fleet.unbound(), of: fleet)
        decide(&demand, at: fleet.time)
        return demand.batch
    }

    /// Decides about the machines that want a place, and adds what comes of it to their batch.
    public mutating func decide(_ demand: inout PlacementDemand, at time: WallTime) {
        for (object, spec) in demand.machines {
            if let position = choose(spec) {
                nodes[position].allocated.add(spec)
                nodes[position].machines += 1
                demand.batch.bindings.append(
                    NewBinding(
                        key: object.key, uid: object.uid, generation: object.generation, node: nodes[position].name,
                        allocationCounter: nodes[position].allocationCounter))
            } else {
                demand.batch.note(object, .errorUnschedulable, "Unschedulable", explain(spec), time)
            }
        }
    }

    /// Why a machine stays without a node after ``decide(_:)``; nil where it is not meant to have one yet.
    public func whyUnbound(_ object: FleetObject) -> String? {
        guard object.binding == nil, object.deletion == nil else { return nil }
        do throws(NotUnderstood) {
            let spec = try VirtualMachineSpec(canonical: object.spec)
            return spec.rest == nil ? explain(spec) : nil
        } catch {
            return error.description
        }
    }

    /// The position of the best node; nil if none fits.
    private func choose(_ spec: VirtualMachineSpec) -> Int? {
        var best: (position: Int, load: Double)?
        for position in nodes.indices where obstacle(nodes[position], spec) == nil {
            let node = nodes[position]
            guard let room = node.allocatable else { continue }
            var used = node.allocated
            used.add(spec)
            let load = max(
                share(used.memoryBytes, of: room.memoryBytes), share(Int64(used.cpus), of: Int64(room.cpus)))
            guard let leader = best else {
                best = (position, load)
                continue
            }
            let other = nodes[leader.position]
            if (load, node.machines) < (leader.load, other.machines) { best = (position, load) }
        }
        return best?.position
    }

    private func share(_ part: Int64, of whole: Int64) -> Double { whole > 0 ? Double(part) / Double(whole) : 1 }

    /// Why the machine can't go there; nil if it can. The first obstacle that people would mend first.
    private func obstacle(_ node: PlacementNode, _ spec: VirtualMachineSpec) -> String? {
        if let name = spec.nodeName, name != node.name { return "not the node that spec.nodeName names" }
        if !node.labels.includesBytes(of: spec.nodeSelector) {
            return "do not match spec.nodeSelector"
        }
        if !node.isReady { return "not ready" }
        if node.unschedulable { return "unschedulable" }
        if !node.hasHypervisor { return "without a hypervisor" }
        guard let room = node.allocatable else { return "not reported yet" }
        if node.holdsUnreadable { return "with a machine whose spec is not understood" }
        let free = less(room, node.allocated)
        if spec.memoryBytes > free.memoryBytes { return "insufficient memory" }
        if spec.vcpus > free.cpus { return "insufficient cpus" }
        return nil
    }

    /// Why no node takes the machine, counted by obstacle.
    private func explain(_ spec: VirtualMachineSpec) -> String {
        if let name = spec.nodeName, !nodes.contains(where: { $0.name == name }) {
            return "spec.nodeName: there is no node \"\(name)\" in the cluster"
        }
        var counts: [String: Int] = [:]
        for node in nodes { counts[obstacle(node, spec) ?? "", default: 0] += 1 }
        let parts = counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        var text = "0/\(nodes.count) nodes are available: " + parts.joined(separator: ", ")
        if counts["insufficient memory"] != nil {
            let free = nodes.compactMap { node in node.allocatable.map { less($0, node.allocated).memoryBytes } }
            text += "; it wants \(Quantity(spec.memoryBytes)), the most that is free is \(Quantity(free.max() ?? 0))"
        }
        if counts["insufficient cpus"] != nil {
            let free = nodes.compactMap { node in node.allocatable.map { less($0, node.allocated).cpus } }
            text += "; it wants \(spec.vcpus) vcpus, the most that is free is \(free.max() ?? 0)"
        }
        return text
    }
}

private func less(_ whole: NodeResources, _ reserved: NodeSpec.Reserved?) -> NodeResources {
    guard let reserved else { return whole }
    return less(whole, NodeResources(cpus: reserved.cpus, memoryBytes: reserved.memoryBytes))
}

/// What is left of the whole, and at least nothing.
private func less(_ whole: NodeResources, _ part: NodeResources) -> NodeResources {
    NodeResources(
        cpus: max(0, whole.cpus.subtractingClamped(part.cpus)),
        memoryBytes: max(0, whole.memoryBytes.subtractingClamped(part.memoryBytes)))
}

extension NodeResources {
    /// Adds what a machine uses. A sum that does not fit is the largest number, which leaves no room.
    fileprivate mutating func add(_ spec: VirtualMachineSpec) {
        cpus = cpus.addingClamped(spec.vcpus)
        memoryBytes = memoryBytes.addingClamped(spec.memoryBytes)
    }
}
