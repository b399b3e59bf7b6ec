import Contract
import Fleet
import JSONText
import Manifest
import Primitives

/// Follows a Git repository until a fetch has ended that was asked for.
struct SourceWait {
    let client: ClusterClient
    let name: String
    let timeoutMilliseconds: Int64

    /// A leader that was lost has forgotten what it was asked, so the next one is asked after this long.
    private static let patienceMilliseconds: Int64 = 30_000

    private var key: ObjectKey { KindInfo.gitRepository.key(namespace: "", name: name) }

    static func ask(_ client: ClusterClient, _ name: String) async throws -> ReconcileAnswer {
        let answer: Answered<ReconcileAnswer> = try await client.connection.post(
            .reconcile(source: name), nil, request: nil)
        return answer.body
    }

    /// What is in force then, in words.
    ///
    /// - Throws: ``CommandFailure`` if the newest commit is not in force, or time is over.
    func run(after answer: ReconcileAnswer) async throws -> String {
        let world = client.world
        let deadline = world.clock.now + max(0, timeoutMilliseconds)
        var requests: Set<String> = [answer.request.description]
        var progress = ProgressLine(in: world)
        while true {
            let until = min(deadline, world.clock.now + Self.patienceMilliseconds)
            if let object = try await follow(until: until, requests, &progress) {
                try progress.clear()
                return try outcome(object)
            }
            guard world.clock.now < deadline else {
                try progress.clear()
                throw CommandFailure.error("timed out waiting for the fetch of \(key.resourceName)")
            }
            requests.insert(try await Self.ask(client, name).request.description)
        }
    }

    /// The repository once one of the requests is handled; nil when the time is over.
    private func follow(
        until deadline: Instant, _ requests: Set<String>, _ progress: inout ProgressLine
    ) async throws -> JSON? {
        var found: JSON?
        let follower = ObjectFollower(client: client, keys: [key], deadline: deadline)
        try await follower.follow { event in
            var object: JSON?
            switch event {
            case .all(let objects):
                object = objects[key]
                if object == nil { throw gone }
            case .one(key, let changed):
                object = changed
                if changed == nil { throw gone }
            case .one: return false
            case .silence: try progress.show("waiting for \(key.resourceName): no answer just now")
            case .deadline: return true
            }
            guard let handled = object?["status"]?["lastHandledRequest"]?.string, requests.contains(handled) else {
                try progress.show("waiting for the fetch of \(key.resourceName)")
                return false
            }
            found = object
            return true
        }
        return found
    }

    private var gone: CommandFailure { .error("\(key.resourceName) was deleted meanwhile") }

    private func outcome(_ object: JSON) throws -> String {
        let ready = object.condition("Ready")
        let message = ready?["message"]?.string ?? "nothing is known of it"
        guard ready?["status"]?.string == "True" else {
            let reason = ready?["reason"]?.string ?? "Unknown"
            throw CommandFailure.error("\(key.resourceName) is not in force: \(reason): \(message)")
        }
        if let drifted = object.condition("Drifted"), drifted["status"]?.string == "True" {
            return "is in force: \(message), and drifted: \(drifted["message"]?.string ?? "")"
        }
        return "is in force: \(message)"
    }
}
