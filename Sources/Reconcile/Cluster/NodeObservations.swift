public import Fleet
public import Hypervisor
import Manifest
public import Primitives

/// What one node saw of its machines, as another node got it.
public struct NodeObservations: Equatable, Sendable {
    public struct Machine: Equatable, Sendable {
        public var observation: MachineObservation
        public var history: MachineHistory
        /// The generation of the machine's object that the node follows.
        public var generation: UInt64
        /// The node knows that the machine is to go for good.
        public var isBeingRemoved: Bool
        /// The moment before which the node does not try again what failed.
        public var retryAt: Instant?
        /// How old the look was when the plan was made.
        public var ageMilliseconds: Int64

        public init(
            observation: MachineObservation, history: MachineHistory, generation: UInt64, isBeingRemoved: Bool = false,
            retryAt: Instant? = nil, ageMilliseconds: Int64
        ) {
            self.observation = observation
            self.history = history
            self.generation = generation
            self.isBeingRemoved = isBeingRemoved
            self.retryAt = retryAt
            self.ageMilliseconds = ageMilliseconds
        }
    }

    public var machines: [UID: Machine]
    /// By the name of the `Image`; those that a machine there has needed since the agent started.
    public var images: [String: NodeImage]
    /// The node ends, and takes its machines down first.
    public var isEnding: Bool

    public init(machines: [UID: Machine], images: [String: NodeImage], isEnding: Bool = false) {
        self.machines = machines
        self.images = images
        self.isEnding = isEnding
    }

    /// What the node plans a machine from, and with which images, once it has followed the fleet; nil for a machine
    /// that is bound to no node.
    ///
    /// - Parameter object: Bound to this node.
    public func situation(
        of object: FleetObject, in fleet: Fleet, now: Instant
    ) -> (MachineSituation, ImageShelf)? {
        guard let desired = DesiredMachine(object) else { return nil }
        let seen = machines[object.uid]
        // A machine that its node has never seen is absent there: the node looks at all of them before it answers.
        var situation =
            seen.map { MachineSituation($0, desired) }
            ?? MachineSituation(desired, of: object, observation: .absent(object.uid, at: now))
        var shelf = ImageShelf()
        for name in desired.imageNames {
            let image = fleet[ObjectKey(kind: "Image", namespace: "", name: name)]
            if let known = images[name], known.isOf(image) {
                shelf.holdings[name] = known.holding
                shelf.digests[name] = known.spec.digestHex
            } else if let wanted = NodeImage(image) {
                shelf.holdings[name] = wanted.holding
                shelf.digests[name] = wanted.spec.digestHex
                if seen != nil { situation.imageChanged() }
            }
        }
        return (situation, shelf)
    }
}
