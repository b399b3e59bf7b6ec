public import Fleet
public import Hypervisor
import Manifest
public import Primitives

/// What a node plans one of its machines from: what is wanted, the last look, and what happened so far.
///
/// The node's own loop and a plan for the whole cluster hold the same value and prepare it by the same functions, so
/// that the plan prints what the loop does.
public struct MachineSituation: Equatable, Sendable {
    public private(set) var desired: DesiredMachine
    /// The last look; nil if there has been none since the agent started.
    public var observation: MachineObservation?
    public var history: MachineHistory
    /// How often work other than a start failed in a row. Starts are counted by the history.
    public private(set) var failuresInRow: Int
    /// The moment before which such work is not tried again.
    public private(set) var retryAt: Instant?

    /// Between tries of work that fails.
    private static let retries = Backoff(baseMilliseconds: 1000, capMilliseconds: 30_000)

    /// A machine that has just been bound to its node.
    ///
    /// - Parameters:
    ///   - object: The machine's object, whose status tells which disks were filled under this binding.
    ///   - observation: What the node found of it on its host; nil if the node has not looked yet.
    public init(_ desired: DesiredMachine, of object: FleetObject, observation: MachineObservation?) {
        self.desired = desired
        self.observation = observation
        history = MachineHistory()
        failuresInRow = 0
        history.filled(Self.filledDisks(object, desired) + (observation?.disks ?? []))
    }

    /// A machine as its node told of it, once that node has followed the fleet up to `desired`.
    public init(_ told: NodeObservations.Machine, _ desired: DesiredMachine) {
        self.desired = desired
        observation = told.observation
        history = told.history
        failuresInRow = 0
        retryAt = told.retryAt
        if told.generation != desired.generation || told.isBeingRemoved != desired.isBeingRemoved {
            takeChange(from: told.generation)
        }
    }

    /// Takes what is wanted now; false if that is what was wanted before.
    public mutating func desire(_ new: DesiredMachine) -> Bool {
        guard desired != new else { return false }
        let generation = desired.generation
        desired = new
        takeChange(from: generation)
        return true
    }

    private mutating func takeChange(from generation: UInt64) {
        if generation != desired.generation { history.specChanged() }
        tryAgain()
        switch desired.intent {
        case .halt, .remove, .notUnderstood: history.dropRequest()
        case .run, .leave: break
        }
    }

    /// An image that the machine uses is another one than before. What failed may have failed for what it was.
    public mutating func imageChanged() {
        history.specChanged()
    }

    /// Work other than a start failed.
    public mutating func workFailed(at now: Instant) {
        failuresInRow = failuresInRow.addingClamped(1)
        retryAt = now + Self.retries.delay(afterFailures: failuresInRow)
    }

    /// What failed is tried again at once: it succeeded, or something else is wanted now.
    public mutating func tryAgain() {
        failuresInRow = 0
        retryAt = nil
    }

    /// The steps that are left to do, in their order, of which the node takes the first.
    ///
    /// - Parameter isEnding: The node ends, and takes its machines down first.
    public func steps(images: ImageShelf, isEnding: Bool, now: Instant) -> [MachineStep] {
        var desired = desired
        if isEnding { desired.intent = .halt(.nodeEnds) }
        let steps = planMachine(desired, observed: observation, history: history, images: images, now: now)
        guard let first = steps.first, first.action.isWork, let retryAt, retryAt > now else { return steps }
        return [MachineStep(.wait(milliseconds: retryAt - now), "the last try to \(first.action.verb) it failed")]
            + steps
    }

    /// What the cluster knows to have been filled on the node under this binding.
    private static func filledDisks(_ object: FleetObject, _ desired: DesiredMachine) -> [String] {
        // A status that can't be read says nothing of disks.
        guard let status = try? VirtualMachineStatus(canonical: object.status), status.epoch == desired.epoch else {
            return []
        }
        return status.disks
    }
}
