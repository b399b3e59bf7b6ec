import JSONText
import Manifest
import Primitives

/// Waits until each of some objects meets all conditions.
struct ConditionWait {
    let client: ClusterClient
    let keys: [ObjectKey]
    let conditions: [WaitCondition]
    let timeoutMilliseconds: Int64

    private var world: World { client.world }

    func run() async throws {
        // By what is missing of each.
        var left = Unfinished<String>(keys)
        var progress = ProgressLine(in: world)
        let follower = ObjectFollower(client: client, keys: left.keys, deadline: world.clock.now + timeoutMilliseconds)
        try await follower.follow { event in
            switch event {
            case .all(let objects): for key in left.keys { try judge(key, objects[key], &left, &progress) }
            case .one(let key, let object):
                guard left.contains(key) else { return false }
                try judge(key, object, &left, &progress)
            case .silence: for key in left.keys { left.note("no answer just now", of: key) }
            case .deadline: throw try timeout(left, &progress)
            }
            guard let first = left.known(atMost: 1).first else { return left.isEmpty }
            if world.errorsAreWatched {
                try progress.show("waiting for \(left.count): \(first.key.resourceName): \(first.state)")
            }
            return false
        }
    }

    private func judge(
        _ key: ObjectKey, _ object: JSON?, _ left: inout Unfinished<String>, _ progress: inout ProgressLine
    ) throws {
        guard let why = conditions.lazy.compactMap({ $0.missing(in: object) }).first else {
            left.finish(key)
            try progress.clear()
            try world.output.line(
                "\(key.resourceName) " + (conditions.contains(.deleted) ? "deleted" : "condition met"))
            return
        }
        if object == nil, !conditions.contains(.created) {
            try progress.clear()
            let plural = KindInfo.named(key.kind)?.qualifiedPlural ?? key.kind
            throw CommandFailure(text: "Error from server (NotFound): \(plural) \"\(key.name)\" not found")
        }
        left.note(why, of: key)
    }

    private func timeout(_ left: Unfinished<String>, _ progress: inout ProgressLine) throws -> CommandFailure {
        try progress.clear()
        let reasons = left.known(atMost: .max).map { "\($0.key.resourceName): \($0.state)" }
        let errors = left.keys.map { key in
            let plural = KindInfo.named(key.kind)?.plural ?? key.kind
            return "error: timed out waiting for the condition on \(plural)/\(key.name)"
        }
        return CommandFailure(lines: reasons + errors)
    }
}
