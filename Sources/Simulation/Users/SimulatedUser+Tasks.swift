import Fleet
import Manifest
import Primitives

// What users want: to read, to write one object or several as one, to replace just what they saw, to delete.
extension SimulatedUser {
    /// Takes the next task.
    ///
    /// - Parameter floor: The newest index that any user has seen.
    mutating func drawTask(floor: UInt64) {
        let request = RequestID.random(using: &generator)
        let kind = generator.below(10)
        if kind < 3 {
            let key = drawKey()
            task = Task(
                kind: .read(key), what: "read \(key.name)", request: request, baseRevision: revision, floor: floor)
            return
        }
        let writes = drawKeys(kind == 9 ? 4 : 1).map { drawMutation($0) }
        task = Task(
            kind: .write(DesiredChange(writes.map(\.mutation))),
            what: "write \(request): " + writes.map(\.words).joined(separator: ", "), request: request,
            baseRevision: revision, floor: floor)
    }

    /// How many names of each kind the users share.
    private static let machineNames = 10
    private static let registerNames = 4

    private mutating func drawKey() -> ObjectKey {
        if generator.chance(300) {
            return ObjectKey(
                kind: Self.registerKind, namespace: "", name: "register-\(generator.below(Self.registerNames))")
        }
        return ObjectKey(
            kind: Self.machineKind, namespace: "default", name: "vm-\(generator.below(Self.machineNames))")
    }

    private mutating func drawKeys(_ count: Int) -> [ObjectKey] {
        var keys: [ObjectKey] = []
        for _ in 0..<count {
            let key = drawKey()
            if !keys.contains(key) { keys.append(key) }
        }
        return keys
    }

    private mutating func drawMutation(_ key: ObjectKey) -> (words: String, mutation: Mutation) {
        let seen = versions[key]
        guard generator.below(10) >= 2 else {
            let version = generator.chance(300) ? seen : nil
            let delete = Delete(
                key: key, uid: nil, resourceVersion: version, graceSeconds: generator.chance(300) ? 0 : nil,
                ignoreMissing: generator.chance(700))
            return ("delete \(key.name)" + Self.words(version), .delete(delete))
        }
        var precondition = Precondition.none
        switch generator.below(10) {
        case 0: precondition = .absent
        case 1, 2, 3: if let seen { precondition = .resourceVersion(seen) }
        default: break
        }
        let spec = key.kind == Self.machineKind ? drawMachine() : ("", "{}")
        let put = Put(
            key: key, labels: [CanonicalHistory.mark: "\(number)-\(operations)"], annotations: [:],
            spec: Array(spec.1.utf8), precondition: precondition, requiredNode: nil)
        return ("\(spec.0) \(key.name) \(precondition)", .put(put))
    }

    private static func words(_ version: UInt64?) -> String { version.map { " at version \($0)" } ?? "" }

    /// Canonical as it stands: members in their order, no spaces, nothing that equals its default.
    private mutating func drawMachine() -> (words: String, json: String) {
        let strategy = generator.element(of: ["Always", "Always", "Halted", "RerunOnFailure", "Manual"])
        var members: [String] = []
        if strategy != "Always" { members.append("\"runStrategy\":\"\(strategy)\"") }
        if generator.chance(300) { members.append("\"vcpus\":2") }
        return (strategy, "{\(members.joined(separator: ","))}")
    }
}
