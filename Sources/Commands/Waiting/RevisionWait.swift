import JSONText
import Manifest
import Primitives

/// Waits until the objects of an apply are as that apply wanted them.
struct RevisionWait {
    let client: ClusterClient
    let objects: [AwaitedObject]
    let timeoutMilliseconds: Int64

    private var world: World { client.world }

    func run() async throws {
        let wanted = Dictionary(objects.map { ($0.key, $0) }, uniquingKeysWith: { _, last in last })
        var left = Unfinished<ObjectProgress>(objects.map(\.key))
        let total = left.count
        var progress = ProgressLine(in: world)
        let follower = ObjectFollower(
            client: client, keys: left.keys, deadline: world.clock.now + max(0, timeoutMilliseconds))
        try await follower.follow { event in
            switch event {
            case .all(let objects):
                for key in left.keys { try judge(objects[key], wanted[key], &left, &progress) }
            case .one(let key, let object):
                guard left.contains(key) else { return false }
                try judge(object, wanted[key], &left, &progress)
            case .silence:
                // What was applied stays applied; the next leader will tell how it goes.
                try progress.show("waiting for \(left.count) of \(total): no answer just now")
                return false
            case .deadline: throw try timeout(left, wanted, &progress)
            }
            if left.isEmpty { return true }
            try progress.show(Self.summary(left, total: total))
            return false
        }
    }

    private func judge(
        _ object: JSON?, _ wanted: AwaitedObject?, _ left: inout Unfinished<ObjectProgress>,
        _ progress: inout ProgressLine
    ) throws {
        guard let wanted else { return }
        let key = wanted.key
        let state = wanted.progress(of: object)
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

    /// How many are left, the first of them with their phases, and what keeps the first that says so.
    private static func summary(_ left: Unfinished<ObjectProgress>, total: Int) -> String {
        let first = left.known(atMost: 3)
        let named = first.map { "\($0.key.name) (\($0.state.phase))" }.joined(separator: ", ")
        let more = left.count > 3 ? " and \(left.count - 3) more" : ""
        let why = first.first { $0.state.why != nil }.map { "; \($0.key.name): \($0.state.why ?? "")" } ?? ""
        return "waiting for \(left.count) of \(total): \(named)\(more)\(why)"
    }

    private func timeout(
        _ left: Unfinished<ObjectProgress>, _ wanted: [ObjectKey: AwaitedObject], _ progress: inout ProgressLine
    ) throws -> CommandFailure {
        try progress.clear()
        let known = Dictionary(
            left.known(atMost: .max).map { ($0.key, $0.state) }, uniquingKeysWith: { _, last in last })
        let lines = left.keys.map { key in
            "\(key.resourceName) \(wanted[key]?.goal.lack ?? "is not ready"): "
                + (known[key]?.explanation ?? "nothing was heard of it")
        }
        let named = left.keys.map { "\(KindInfo.named($0.kind)?.plural ?? $0.kind)/\($0.name)" }
        return CommandFailure(
            lines: lines + ["error: timed out waiting for the condition on \(named.joined(separator: ", "))"])
    }
}
