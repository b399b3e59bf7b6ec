import JSONText
import Manifest
import Primitives

/// Waits until objects whose deletion was recorded are gone, and says which nodes it waits for.
struct DeletionWait {
    let client: ClusterClient
    let objects: [AwaitedObject]
    /// Nil for as long as it takes.
    let timeoutMilliseconds: Int64?

    func run() async throws {
        let world = client.world
        let uids = Dictionary(objects.map { ($0.key, $0.uid) }, uniquingKeysWith: { _, last in last })
        // By what is waited for to remove each.
        var left = Unfinished<String>(objects.map(\.key))
        var progress = ProgressLine(in: world)
        let follower = ObjectFollower(
            client: client, keys: left.keys, deadline: timeoutMilliseconds.map { world.clock.now + $0 })
        func judge(_ key: ObjectKey, _ object: JSON?) {
            let uid = uids[key] ?? nil
            if let object, uid == nil || object.uidText == uid {
                left.note(object.removingNode, of: key)
            } else {
                left.finish(key)
            }
        }
        try await follower.follow { event in
            switch event {
            case .all(let objects): for key in left.keys { judge(key, objects[key]) }
            case .one(let key, let object): if left.contains(key) { judge(key, object) }
            case .silence: for key in left.keys { left.note("an answer of the cluster and its node", of: key) }
            case .deadline:
                try progress.clear()
                throw CommandFailure(lines: [
                    "error: timed out waiting for \(Self.text(left)); "
                        + "the delete is recorded and takes effect when the node is back"
                ])
            }
            if left.isEmpty {
                try progress.clear()
                return true
            }
            try progress.show("waiting for \(Self.text(left))")
            return false
        }
    }

    private static func text(_ left: Unfinished<String>) -> String {
        let named = left.known(atMost: 3).map { "\($0.state) to remove \($0.key.resourceName)" }
        let more = left.count > 3 ? " and \(left.count - 3) more" : ""
        return named.joined(separator: ", ") + more
    }
}
