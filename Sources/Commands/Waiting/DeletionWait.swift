import JSONText
import Manifest
import Primitives

/// Waits until objects whose deletion was recorded are gone, and says whom it waits for.
struct DeletionWait {
    let client: ClusterClient
    let results: [WriteReport.Result]
    /// Nil for as long as it takes.
    let timeoutMilliseconds: Int64?

    private static let pollMilliseconds: Int64 = 300

    func run() async throws {
        let world = client.world
        let deadline = timeoutMilliseconds.map { world.clock.now + $0 }
        var waiting = results
        var progress = ProgressLine(in: world)
        while true {
            var left: [(WriteReport.Result, holder: String)] = []
            for result in waiting {
                guard let kind = KindInfo.named(result.key.kind) else { continue }
                switch await client.look(kind, namespace: result.key.namespace, name: result.key.name) {
                case .success(let object):
                    guard let object, result.uid == nil || object.uidText == result.uid else { continue }
                    left.append((result, Self.holder(of: object)))
                case .failure(let failure):
                    guard failure.isTransient, deadline.map({ world.clock.now < $0 }) ?? true else { throw failure }
                    left.append((result, "an answer of the cluster and its node"))
                }
            }
            waiting = left.map(\.0)
            if left.isEmpty {
                try progress.clear()
                return
            }
            let text = left.prefix(3).map { "\($0.holder) to remove \($0.0.key.resourceName)" }.joined(separator: ", ")
            let more = left.count > 3 ? " and \(left.count - 3) more" : ""
            if let deadline, world.clock.now >= deadline {
                try progress.clear()
                throw CommandFailure.error(
                    "timed out waiting for \(text)\(more); "
                        + "the delete is recorded and takes effect when the node is back"
                )
            }
            try progress.show("waiting for \(text)\(more)")
            try await world.clock.sleep(milliseconds: Self.pollMilliseconds)
        }
    }

    private static func holder(of object: JSON) -> String {
        guard let node = object["status"]?["nodeName"]?.string ?? object["spec"]?["nodeName"]?.string else {
            return "its node"
        }
        guard let message = object.condition("Ready"), message["reason"]?.string == "NodeSilent" else { return node }
        return "\(node) (\(message["message"]?.string ?? "silent"))"
    }
}
