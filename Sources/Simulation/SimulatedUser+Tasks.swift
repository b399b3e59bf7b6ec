import Fleet
import Manifest
import Primitives

// What users want: to read, to write one machine or several as one, to delete.
extension SimulatedUser {
    /// Takes the next task.
    ///
    /// - Parameter floor: The newest index that anybody has seen.
    mutating func drawTask(floor: UInt64) {
        let request = RequestID.random(using: &generator)
        var drawn = Task(kind: .read, what: "read", request: request, baseRevision: revision, floor: floor)
        let kind = generator.below(10)
        if kind >= 3 {
            let writes = names(kind == 9 ? 4 : 1).map { name in
                drawMutation(ObjectKey(kind: "VirtualMachine", namespace: "default", name: "vm-\(name)"))
            }
            drawn.kind = .write(writes.map(\.mutation))
            drawn.what = "write \(request): " + writes.map(\.words).joined(separator: ", ")
        }
        task = drawn
    }

    /// How many names the users share.
    private static let machineNames = 10

    private mutating func names(_ count: Int) -> [Int] {
        var names: [Int] = []
        for _ in 0..<count {
            let name = generator.below(Self.machineNames)
            if !names.contains(name) { names.append(name) }
        }
        return names
    }

    private mutating func drawMutation(_ key: ObjectKey) -> (words: String, mutation: Mutation) {
        guard generator.below(10) >= 2 else {
            let delete = Delete(
                key: key, uid: nil, resourceVersion: nil, graceSeconds: generator.chance(300) ? 0 : nil,
                ignoreMissing: true)
            return ("delete \(key.name)", .delete(delete))
        }
        let strategy = generator.element(of: ["Always", "Always", "Halted", "RerunOnFailure", "Manual"])
        var members: [String] = []
        if strategy != "Always" { members.append("\"runStrategy\":\"\(strategy)\"") }
        if generator.chance(300) { members.append("\"vcpus\":2") }
        // Canonical as it stands: members in their order, no spaces, nothing that equals its default.
        let spec = Array("{\(members.joined(separator: ","))}".utf8)
        let put = Put(
            key: key, labels: [CanonicalHistory.mark: "\(number)-\(operations)"], annotations: [:], spec: spec,
            precondition: .none, requiredNode: nil)
        return ("\(strategy) \(key.name)", .put(put))
    }
}
