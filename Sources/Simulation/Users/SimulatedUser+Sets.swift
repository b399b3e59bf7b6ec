import Fleet
import Manifest
import Primitives

// What the keeper of sets wants: to apply a set, to bring a revision back, to delete a set, and to edit what sets have
// by hand. Its objects are machines that no other user touches.
extension SimulatedUser {
    private static let setNames = 2
    private static let memberNames = 6

    /// - Parameter fleet: What the user has seen, if it has seen anything.
    mutating func drawSetTask(floor: UInt64, seen fleet: Fleet?) {
        let (change, words) = drawSetChange(fleet)
        let request = RequestID.random(using: &generator)
        task = Task(
            kind: .write(change), what: "\(words), write \(request)", request: request, baseRevision: revision,
            floor: floor)
    }

    private mutating func drawSetChange(_ fleet: Fleet?) -> (DesiredChange, String) {
        let name = "set-\(generator.below(Self.setNames))"
        switch generator.below(12) {
        case 0:
            var delete = Delete(
                key: Self.setKey(name), uid: nil, resourceVersion: nil, graceSeconds: nil, ignoreMissing: true)
            delete.cascade = generator.element(of: [nil, .members, .orphan])
            return (DesiredChange([.delete(delete)]), "delete \(name)")
        case 1:
            let delete = Delete(
                key: drawMember(), uid: nil, resourceVersion: nil, graceSeconds: 0, ignoreMissing: true)
            return (DesiredChange([.delete(delete)]), "delete a member")
        case 2: return (DesiredChange([.put(drawPut(drawMember()))]), "edit a member")
        case 3:
            var put = Put(
                key: Self.setKey(name), labels: [:], annotations: [:], spec: Array("{}".utf8), precondition: .none,
                requiredNode: nil)
            put.settings = SetSettings(
                prune: generator.chance(500), maxPrunePercent: generator.element(of: [0, 34, 50, 100]),
                revisionHistoryLimit: 1 + generator.below(4))
            return (DesiredChange([.put(put)]), "edit \(name)")
        case 4, 5:
            if let rollback = drawRollback(name, fleet) { return (rollback, "roll back \(name)") }
        default: break
        }
        var puts: [Mutation] = []
        for number in 0..<Self.memberNames where generator.chance(600) {
            puts.append(.put(drawPut(Self.memberKey(number))))
        }
        return (DesiredChange(puts, set: drawApplication(name)), "apply \(name)")
    }

    private mutating func drawApplication(_ name: String) -> SetApplication {
        SetApplication(
            name: name, prune: generator.chance(700) ? true : nil,
            maxPrunePercent: generator.chance(300) ? 100 : nil, allowsEmpty: generator.chance(100),
            adopts: generator.chance(600), message: "by user \(number)")
    }

    private mutating func drawRollback(_ name: String, _ fleet: Fleet?) -> DesiredChange? {
        guard let fleet, let record = fleet.manifestSet(named: name), !record.revisions.isEmpty else { return nil }
        let revision = generator.element(of: record.revisions)
        let puts = fleet.manifests(of: revision).map { manifest in
            Mutation.put(
                Put(
                    key: manifest.key, labels: manifest.labels, annotations: manifest.annotations, spec: manifest.spec,
                    precondition: .none, requiredNode: nil))
        }
        var application = drawApplication(name)
        application.expectedRevision = record.lastRevision
        return DesiredChange(puts, set: application)
    }

    private mutating func drawMember() -> ObjectKey { Self.memberKey(generator.below(Self.memberNames)) }

    private mutating func drawPut(_ key: ObjectKey) -> Put {
        Put(
            key: key, labels: [:], annotations: [:],
            spec: Array(generator.element(of: ["{}", "{\"runStrategy\":\"Halted\"}", "{\"vcpus\":2}"]).utf8),
            precondition: .none, requiredNode: nil)
    }

    private static func memberKey(_ number: Int) -> ObjectKey {
        ObjectKey(kind: machineKind, namespace: "sets", name: "member-\(number)")
    }

    private static func setKey(_ name: String) -> ObjectKey {
        ObjectKey(kind: "ManifestSet", namespace: "", name: name)
    }
}
