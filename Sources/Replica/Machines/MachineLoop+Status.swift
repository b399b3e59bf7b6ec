import Fleet
import Hypervisor
import JSONText
import Manifest
import Primitives
import Reconcile

// What the cluster is told of machines and images of this node.
extension MachineLoop {
    /// The status of a machine as it is now; nil if the machine is not this node's or was not looked at, or if the
    /// cluster knows all of it.
    func report(of uid: UID, in fleet: Fleet, node: String, at moment: Moment) -> MachineReport? {
        guard let machine = machines[uid], let observation = machine.observation else { return nil }
        let desired = machine.desired
        let object = fleet[desired.key]
        // A status that can't be read is written anew.
        let previous = object.flatMap { try? VirtualMachineStatus(canonical: $0.status) }
        let shelf = images.shelf
        var status = composeStatus(
            of: desired, observed: observation, history: machine.history,
            steps: machine.stablePlan(images: shelf, isHalting: isHalting, at: moment.now),
            images: shelf, previous: previous, node: node, wall: moment.wall)
        // What is not looked for yet is not taken for served.
        if !machine.hasRecalled { status.request = Self.recordedRequest(of: desired, in: fleet) }
        let bytes = status.json.canonicalBytes
        guard machine.isRemoved || bytes != object?.status else { return nil }
        return MachineReport(
            key: desired.key, uid: uid, epoch: desired.epoch, status: bytes, removed: machine.isRemoved)
    }

    /// What this node holds of an image; nil if no machine here has needed it since the agent started, or if the
    /// cluster knows all of it.
    func report(ofImage name: String, in fleet: Fleet, node: String) -> ImageReport? {
        guard let image = images.images[name]?.image else { return nil }
        let key = ObjectKey(kind: "Image", namespace: "", name: name)
        var copy = ImageStatus.NodeCopy(name: node, bytes: 0, state: .pending, message: "")
        switch image.holding {
        case .held(_, _, let bytes):
            copy.state = .present
            copy.bytes = bytes
        case .fetching: copy.state = .fetching
        case .failed(let message):
            copy.state = .failed
            copy.message = message
        // What was said of it before still holds.
        case .absent, .unknown: return nil
        }
        let bytes = copy.json.canonicalBytes
        guard fleet[key]?.nodeStatuses[node] != bytes else { return nil }
        return ImageReport(key: key, uid: image.uid, status: bytes)
    }

    /// What this node saw of its machines, for plans.
    ///
    /// - Parameter fleet: Holds the requests that an earlier run of the agent has recorded, which the loop takes up
    ///   first.
    func observations(at now: Instant, in fleet: Fleet) -> NodeObservations {
        var seen: [UID: NodeObservations.Machine] = [:]
        for (uid, bound) in machines {
            let machine = bound.recalled { Self.recordedRequest(of: $0, in: fleet) }
            guard let observation = machine.observation else { continue }
            seen[uid] = NodeObservations.Machine(
                observation: observation, history: machine.history, generation: machine.desired.generation,
                isBeingRemoved: machine.desired.isBeingRemoved, retryAt: machine.situation.retryAt,
                ageMilliseconds: max(0, now - (machine.lookedAt ?? now)))
        }
        return NodeObservations(machines: seen, images: images.images.mapValues(\.image), isEnding: isHalting)
    }
}
