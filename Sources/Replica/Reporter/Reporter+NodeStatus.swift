import Fleet
import JSONText
import Manifest
import Primitives

extension Reporter {
    /// The node's status as it is now; nil if nothing of it has changed, or its host is not known yet.
    func nodeStatus(of member: Member, in fleet: Fleet, isShortOfDisk: Bool, at wall: WallTime) -> [UInt8]? {
        guard isNodeChanged, let facts else { return nil }
        let object = fleet[ObjectKey(kind: "Node", namespace: "", name: member.name)]
        // A status that can't be read is written anew.
        let previous = object.flatMap { try? NodeStatus(canonical: $0.status) }
        let generation = object?.generation ?? 0
        var conditions = previous?.conditions ?? []
        conditions.set(
            Condition(
                type: "HypervisorAvailable", status: facts.hypervisorProblem == nil ? .true : .false,
                reason: facts.hypervisorProblem == nil ? "Available" : "Unavailable",
                message: facts.hypervisorProblem ?? "", observedGeneration: generation, lastTransitionTime: wall))
        if isShortOfDisk || conditions["DiskPressure"] != nil {
            conditions.set(
                Condition(
                    type: "DiskPressure", status: isShortOfDisk ? .true : .false,
                    reason: isShortOfDisk ? "LogHasNoRoom" : "LogHasRoom",
                    message: isShortOfDisk
                        ? "the disk of the node has no room for its log: it takes no entries and does not lead" : "",
                    observedGeneration: generation, lastTransitionTime: wall))
        }
        let status = NodeStatus(
            raftID: member.id, publicKey: member.key, addresses: facts.addresses,
            role: member.role == .voter ? .voter : .learner, version: facts.version, capacity: facts.capacity,
            allocatable: facts.allocatable, accelerator: facts.accelerator, conditions: conditions)
        let bytes = status.json.canonicalBytes
        return bytes == object?.status ? nil : bytes
    }
}
