import Fleet
import Manifest
import Primitives

/// Commands of every kind, drawn from a seed: many that fit the fleet as it is, and some that don't.
struct RandomHistory {
    private var generator: SeededGenerator
    private var lastWrite: WriteCommand?
    /// Whether newcomers have any, as they have by now.
    var hasIncarnations = false
    /// Whether writes apply sets.
    var hasSets = false
    private let machines = (0..<12).map { "m\($0)" }
    private let nodes = ["n1", "n2", "n3", "node-4"]

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
    }

    /// The next command for a fleet in that state.
    mutating func next(for fleet: Fleet, at milliseconds: Int64) -> CommandEnvelope {
        var author: PublicKey?
        let command: Command
        switch pick(100) {
        case 0..<45: command = .write(write(fleet))
        case 45..<60: command = .place(placement(fleet))
        case 60..<82:
            let member = fleet.members.randomElement(using: &generator)
            author = chance(95) ? member?.key : Scenario.key(77)
            command = .report(report(fleet, member: member))
        case 82..<86:
            command = .createTicket(
                TicketGrant(
                    secretHash: ticket(), expiresAt: .init(milliseconds: milliseconds + Int64(pick(100_000))),
                    uses: pick(3)))
        case 86..<91:
            let id = chance(80) ? fleet.nextMemberID : UInt64(pick(6))
            command = .join(
                Join(
                    id: id, name: chance(50) ? nil : nodes[pick(4)], key: Scenario.key(UInt8(pick(8))),
                    addresses: ["h:\(pick(9))"], ticketHash: ticket(),
                    incarnation: hasIncarnations ? UInt64(pick(3)) : 0))
        case 91..<93: command = .promote(id: UInt64(pick(6)))
        case 93..<94: command = .remove(id: UInt64(2 + pick(5)), isForced: false)
        case 94..<96: command = .updateMember(id: UInt64(pick(5)), addresses: ["h:\(pick(9))"], level: 1)
        case 96..<98:
            command = .grant(
                key: Scenario.key(UInt8(60 + pick(4))), name: "u", role: AccessRole.allCases[pick(4)])
        case 98: command = .revoke(key: Scenario.key(UInt8(60 + pick(4))))
        default: command = .raiseLevel(UInt32(pick(4)))
        }
        let stamp = WallTime(milliseconds: milliseconds - Int64(pick(3000)))
        return CommandEnvelope(stamp: stamp, author: author, command: command)
    }

    private mutating func write(_ fleet: Fleet) -> WriteCommand {
        if let lastWrite, chance(10) { return lastWrite }
        let mutations = (0..<(1 + pick(4))).map { _ in mutation(fleet) }
        let base = chance(90) ? fleet.revision : UInt64(pick(Int(fleet.revision) + 1))
        var write = WriteCommand(
            request: RequestID.random(using: &generator), baseRevision: base, mutations: mutations)
        if hasSets { addSet(to: &write, fleet) }
        lastWrite = write
        return write
    }

    private mutating func addSet(to write: inout WriteCommand, _ fleet: Fleet) {
        let name = "s\(pick(2))"
        if chance(5) {
            write.mutations = [.delete(.set(name, chance(20) ? nil : chance(50) ? .members : .orphan))]
            return
        }
        guard chance(50) else { return }
        write.mutations.removeAll { if case .delete = $0 { chance(95) } else { false } }
        if chance(20) {
            var put = Put.set(name)
            put.settings = .of(prune: chance(50), percent: pick(102), limit: pick(4))
            write.mutations.append(.put(put))
        }
        write.change.set = SetApplication(
            name: name, prune: chance(50) ? nil : chance(70), maxPrunePercent: chance(50) ? 100 : nil,
            allowsEmpty: chance(20), adopts: chance(60),
            expectedRevision: chance(90) ? nil : fleet.manifestSet(named: name)?.lastRevision)
    }

    private mutating func mutation(_ fleet: Fleet) -> Mutation {
        let key = anyKey()
        if chance(25) {
            return .delete(
                Delete(
                    key: key, uid: chance(10) ? fleet[key]?.uid : nil, resourceVersion: nil,
                    graceSeconds: chance(30) ? pick(60) : nil, ignoreMissing: chance(80)))
        }
        let precondition: Precondition =
            chance(90) ? .none : fleet[key].map { .resourceVersion($0.resourceVersion) } ?? .absent
        var put = Put(
            key: key, labels: chance(30) ? ["a": "\(pick(3))", "b": "\(pick(3))", "c": "x"] : [:],
            annotations: chance(10) ? ["note": "\(pick(100))"] : [:], spec: Array("{\"n\":\(pick(5))}".utf8),
            precondition: precondition, requiredNode: chance(5) ? nodes[pick(4)] : nil)
        if hasSets, chance(10) { put.annotations[FleetObject.deletionPolicyAnnotation] = "Retain" }
        if hasSets, chance(5) { put.annotations[FleetObject.protectAnnotation] = "true" }
        return .put(put)
    }

    private mutating func placement(_ fleet: Fleet) -> PlacementBatch {
        var batch = PlacementBatch(bindings: [], notes: [], events: [])
        for key in fleet.unbound() where chance(60) {
            guard let machine = fleet[key] else { continue }
            let node = nodes[pick(4)]
            batch.bindings.append(
                NewBinding(
                    key: key, uid: machine.uid, generation: machine.generation, node: node,
                    allocationCounter: fleet.allocationCounter(of: node) + (chance(5) ? 1 : 0)))
            guard chance(30) else { continue }
            batch.notes.append(
                PlacementNote(
                    key: key, uid: machine.uid, generation: machine.generation, status: [UInt8(pick(256))]))
            batch.events.append(event())
        }
        return batch
    }

    private mutating func report(_ fleet: Fleet, member: Member?) -> NodeReport {
        let id = member?.id ?? 9
        var report = NodeReport(
            member: id, sequence: fleet.reportSequence(of: id) + (chance(95) ? 1 : 0),
            nodeStatus: chance(30) ? [UInt8(pick(3))] : nil, machines: [], images: [], events: [])
        for machine in fleet.bound(to: member?.name ?? "") where chance(70) {
            report.machines.append(
                MachineReport(
                    key: machine.key, uid: machine.uid, epoch: (machine.binding?.epoch ?? 0) &- (chance(3) ? 1 : 0),
                    status: [UInt8(pick(4))], removed: chance(50)))
        }
        for image in fleet.objects(kind: "Image", namespace: nil) where chance(50) {
            report.images.append(
                ImageReport(key: image.key, uid: image.uid, status: chance(80) ? [UInt8(pick(4))] : nil))
        }
        for _ in 0..<pick(3) { report.events.append(event()) }
        return report
    }

    private mutating func event() -> EventDraft {
        let key = anyKey()
        return EventDraft(
            regarding: key, uid: nil, type: chance(50) ? .normal : .warning, reason: "R\(pick(5))",
            message: "message \(pick(3))", source: "n\(pick(3))")
    }

    private mutating func anyKey() -> ObjectKey {
        switch pick(10) {
        case 0: .image("i\(pick(3))")
        case 1: .node(nodes[pick(4)])
        default: .machine(machines[pick(12)])
        }
    }

    private mutating func ticket() -> [UInt8] { [UInt8](repeating: UInt8(pick(4)), count: 32) }
    private mutating func pick(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }
    private mutating func chance(_ percent: Int) -> Bool { pick(100) < percent }
}

extension Scenario {
    /// Applies so many random commands; answers what became of each.
    @discardableResult
    mutating func play(_ history: inout RandomHistory, count: Int) -> [CommandOutcome] {
        (0..<count).map { _ in
            index += 1
            clock += 1000
            return fleet.apply(history.next(for: fleet, at: clock), index: index)
        }
    }
}
