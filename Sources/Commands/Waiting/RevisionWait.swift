import JSONText
import Manifest
import Primitives

/// Waits until the machines of an apply are as that apply wanted them.
struct RevisionWait {
    let client: ClusterClient
    let objects: [AwaitedObject]
    let timeoutMilliseconds: Int64

    private var world: World { client.world }

    func run() async throws {
        let machines = objects.filter { $0.key.kind == KindInfo.virtualMachine.kind }
        let wanted = Dictionary(machines.map { ($0.key, $0) }, uniquingKeysWith: { _, last in last })
        var left = Unfinished<MachineProgress>(machines.map(\.key))
        let total = left.count
        var progress = ProgressLine(in: world)
        let follower = ObjectFollower(
            client: client, keys: left.keys, deadline: world.clock.now + max(0, timeoutMilliseconds))
        try await follower.follow { event in
            switch event {
            case .all(let objects):
                for key in left.keys { try judge(key, objects[key], wanted[key], &left, &progress) }
            case .one(let key, let object):
                guard left.contains(key) else { return false }
                try judge(key, object, wanted[key], &left, &progress)
            case .silence:
                // What was applied stays applied; the next leader will tell how it goes.
                try progress.show("waiting for \(left.count) of \(total): no answer just now")
                return false
            case .deadline: throw try timeout(left, &progress)
            }
            if left.isEmpty { return true }
            try progress.show(Self.summary(left, total: total))
            return false
        }
    }

    private func judge(
        _ key: ObjectKey, _ object: JSON?, _ wanted: AwaitedObject?, _ left: inout Unfinished<MachineProgress>,
        _ progress: inout ProgressLine
    ) throws {
        let state = MachineProgress(object, uid: wanted?.uid, generation: wanted?.generation ?? 0)
        switch state {
        case .reached(let how):
            left.finish(key)
            try progress.clear()
            try world.output.line("\(key.resourceName) \(how)")
        case .gone(let why):
            try progress.clear()
            throw CommandFailure(lines: ["error: \(key.resourceName) will not get ready: \(why)"])
        case .pending: left.note(state, of: key)
        }
    }

    private static func summary(_ left: Unfinished<MachineProgress>, total: Int) -> String {
        let named = left.known(atMost: 3).map { "\($0.key.name) (\($0.state.phase))" }.joined(separator: ", ")
        let more = left.count > 3 ? " and \(left.count - 3) more" : ""
        return "waiting for \(left.count) of \(total): \(named)\(more)"
    }

    private func timeout(
        _ left: Unfinished<MachineProgress>, _ progress: inout ProgressLine
    ) throws -> CommandFailure {
        try progress.clear()
        let lines = left.known(atMost: .max).map { "\($0.key.resourceName) is not ready: \($0.state.explanation)" }
        let named = left.keys.map { "virtualmachines/\($0.name)" }.joined(separator: ", ")
        return CommandFailure(lines: lines + ["error: timed out waiting for the condition on \(named)"])
    }
}
