import Manifest
import Primitives

extension Fleet {
    /// Takes every binding that still fits, and leaves the others.
    mutating func apply(_ batch: PlacementBatch) -> CommandOutcome {
        // What the leader decided on is the counters before its batch, whatever the batch itself adds to them.
        let countersBefore = allocationCounters
        var accepted = 0
        for binding in batch.bindings where bind(binding, countersBefore: countersBefore) { accepted += 1 }
        for note in batch.notes where take(note) { accepted += 1 }
        record(batch.events)
        let parts = batch.bindings.count + batch.notes.count
        return .batch(BatchAnswer(accepted: accepted, ignored: parts - accepted, revision: revision))
    }

    private mutating func bind(_ new: NewBinding, countersBefore: [String: UInt64]) -> Bool {
        guard var machine = unboundMachine(new.key, uid: new.uid, generation: new.generation),
            memberTable[name: new.node] != nil, new.allocationCounter == countersBefore[new.node] ?? 0
        else { return false }
        machine.lastEpoch += 1
        machine.binding = FleetObject.Binding(node: new.node, epoch: machine.lastEpoch)
        store(machine)
        allocationCounters[new.node, default: 0] += 1
        return true
    }

    private mutating func take(_ note: PlacementNote) -> Bool {
        guard var machine = unboundMachine(note.key, uid: note.uid, generation: note.generation) else { return false }
        guard machine.status != note.status else { return true }
        machine.status = note.status
        store(machine)
        return true
    }

    private func unboundMachine(_ key: ObjectKey, uid: UID, generation: UInt64) -> FleetObject? {
        guard key.isMachine, let machine = objects[key], machine.uid == uid, machine.generation == generation,
            machine.binding == nil, machine.deletion == nil
        else { return nil }
        return machine
    }
}
