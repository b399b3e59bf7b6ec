public import Fleet
import JSONText
public import Manifest
import Primitives

/// The unbound machines that want a place, apart from those that want none: about these no node need be asked.
public struct PlacementDemand: Sendable {
    /// In the order in which they are placed.
    public private(set) var machines: [(object: FleetObject, spec: VirtualMachineSpec)] = []
    /// What was decided so far.
    public internal(set) var batch = PlacementBatch(bindings: [], notes: [], events: [])
    /// Machines that want no place and whose status says so: as long as that holds there is nothing to decide.
    public private(set) var settled: [ObjectKey: Settled] = [:]

    /// What it rests on that a machine wants no place.
    public struct Settled: Equatable, Sendable {
        private var uid: UID
        private var generation: UInt64
        private var status: [UInt8]

        init(_ object: FleetObject) {
            uid = object.uid
            generation = object.generation
            status = object.status
        }

        /// Whether it is still so: labels may have changed, and annotations.
        public func holds(for object: FleetObject) -> Bool { self == Settled(object) }
    }

    /// - Parameter keys: Of unbound machines, ascending.
    public init(_ keys: [ObjectKey], of fleet: Fleet) {
        for key in keys {
            guard let object = fleet[key], object.deletion == nil else { continue }
            let spec: VirtualMachineSpec
            do throws(NotUnderstood) {
                spec = try VirtualMachineSpec(canonical: object.spec)
            } catch {
                batch.note(object, .unknown, "SpecNotUnderstood", error.description, fleet.time)
                continue
            }
            // A machine that only people start has a place too, so that there is a node that they can ask.
            guard let rest = spec.rest else {
                machines.append((object, spec))
                continue
            }
            let isNoted = batch.note(object, .stopped, "NotWanted", rest.reason, fleet.time)
            if !isNoted { settled[key] = Settled(object) }
        }
    }
}

extension PlacementBatch {
    /// Writes the reason into the machine's status; false if it stands there already.
    @discardableResult
    mutating func note(
        _ object: FleetObject, _ phase: MachinePhase, _ reason: String, _ message: String, _ time: WallTime
    ) -> Bool {
        var status = (try? VirtualMachineStatus(canonical: object.status)) ?? VirtualMachineStatus()
        status.observedGeneration = object.generation
        status.phase = phase
        status.ready = false
        status.message = message
        for (type, value) in [("Scheduled", Condition.Status.false), ("Ready", .false)] {
            status.conditions.set(
                Condition(
                    type: type, status: value, reason: reason, message: message,
                    observedGeneration: object.generation, lastTransitionTime: time))
        }
        let bytes = status.json.canonicalBytes
        guard bytes != object.status else { return false }
        notes.append(PlacementNote(key: object.key, uid: object.uid, generation: object.generation, status: bytes))
        guard phase == .errorUnschedulable else { return true }
        events.append(
            EventDraft(
                regarding: object.key, uid: object.uid, type: .warning, reason: "FailedScheduling", message: message,
                source: "placement"))
        return true
    }
}
