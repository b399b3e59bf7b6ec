import JSONText
import Manifest
import Primitives

/// Waits until the machines of an apply are as that apply wanted them.
struct RevisionWait {
    let client: ClusterClient
    let results: [WriteReport.Result]
    let timeoutMilliseconds: Int64

    private static let pollMilliseconds: Int64 = 400

    private var world: World { client.world }

    func run() async throws {
        var waiting = results.filter { $0.key.kind == KindInfo.virtualMachine.kind }
        let deadline = world.clock.now + timeoutMilliseconds
        let total = waiting.count
        var progress = ProgressLine(in: world)
        while true {
            var states: [(result: WriteReport.Result, state: MachineProgress)] = []
            let objects: [ObjectKey: JSON]
            do {
                objects = try await self.objects(of: waiting)
            } catch let failure as ConnectionFailure where failure.isTransient && world.clock.now < deadline {
                // What was applied stays applied; whoever leads next will tell how it goes.
                try progress.show("waiting for \(waiting.count) of \(total): no answer just now")
                try await world.clock.sleep(milliseconds: Self.pollMilliseconds)
                continue
            }
            for result in waiting {
                let state = MachineProgress(objects[result.key], uid: result.uid, generation: result.generation)
                switch state {
                case .reached(let how):
                    try progress.clear()
                    try world.output.line("\(result.key.resourceName) \(how)")
                case .gone(let why):
                    try progress.clear()
                    throw CommandFailure.error("\(result.key.resourceName) will not get ready: \(why)")
                case .pending: states.append((result, state))
                }
            }
            waiting = states.map(\.result)
            if waiting.isEmpty { return }
            if world.clock.now >= deadline { throw timeout(states, &progress) }
            try progress.show(Self.summary(states, total: total))
            try await world.clock.sleep(milliseconds: min(Self.pollMilliseconds, deadline - world.clock.now))
        }
    }

    /// The objects by key: one by one while they are few, by namespace otherwise.
    private func objects(of results: [WriteReport.Result]) async throws -> [ObjectKey: JSON] {
        var objects: [ObjectKey: JSON] = [:]
        if results.count <= 4 {
            for result in results {
                objects[result.key] = try await client.objectIfThere(
                    .virtualMachine, namespace: result.key.namespace, name: result.key.name)
            }
            return objects
        }
        for namespace in Set(results.map(\.key.namespace)).sorted() {
            for item in try await client.items(.virtualMachine, namespace: namespace) {
                guard let name = item.nameText else { continue }
                objects[KindInfo.virtualMachine.key(namespace: namespace, name: name)] = item
            }
        }
        return objects
    }

    private static func summary(_ states: [(result: WriteReport.Result, state: MachineProgress)], total: Int) -> String
    {
        let named = states.prefix(3).map { "\($0.result.key.name) (\($0.state.phase))" }.joined(separator: ", ")
        let more = states.count > 3 ? " and \(states.count - 3) more" : ""
        return "waiting for \(states.count) of \(total): \(named)\(more)"
    }

    private func timeout(
        _ states: [(result: WriteReport.Result, state: MachineProgress)], _ progress: inout ProgressLine
    ) -> any Error {
        do {
            try progress.clear()
        } catch {
            return error
        }
        let lines = states.map { "\($0.result.key.resourceName) is not ready: \($0.state.explanation)" }
        let named = states.map { "virtualmachines/\($0.result.key.name)" }.joined(separator: ", ")
        return CommandFailure(
            text: (lines + ["error: timed out waiting for the condition on \(named)"]).joined(separator: "\n"))
    }
}
