import Contract
import JSONText
import Manifest

extension ObjectFollower {
    /// Follows a watch of each kind, and tells what they say as one.
    func followSeveral(_ kinds: [KindInfo], _ take: (Event) throws -> Bool) async throws {
        let (events, told) = AsyncThrowingStream<(kind: String, event: Event), any Error>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for kind in kinds {
                let wanted = Set(keys.filter { $0.kind == kind.kind })
                let part = ObjectFollower(client: client, keys: wanted.sorted(), deadline: deadline)
                group.addTask {
                    do {
                        try await part.follow { event in
                            if case .one(let key, _) = event, !wanted.contains(key) { return false }
                            told.yield((kind.kind, event))
                            return false
                        }
                    } catch {
                        told.finish(throwing: error)
                    }
                }
            }
            defer { group.cancelAll() }
            var picture = Picture(kinds: Set(kinds.map(\.kind)))
            do {
                for try await (kind, event) in events {
                    guard let event = picture.add(event, of: kind) else { continue }
                    if try take(event) { return }
                    if case .deadline = event { return }
                }
            } catch let failure as ClientFailure where failure.isTransient && picture.isWhole {
                // One kind was not told of in time, but all of them once.
                _ = try take(.deadline)
            }
        }
    }

    /// What several watches have told together.
    private struct Picture {
        /// Those of which nothing was told yet.
        private var missing: Set<String>
        private var objects: [ObjectKey: JSON] = [:]

        init(kinds: Set<String>) {
            missing = kinds
        }

        /// Whether all objects are known as they were at some moment.
        var isWhole: Bool { missing.isEmpty }

        /// What one watch says, as something that is said of all; nil while others have said nothing yet.
        mutating func add(_ event: Event, of kind: String) -> Event? {
            switch event {
            case .silence, .deadline: return event
            case .one(let key, let object):
                objects[key] = object
                return isWhole ? event : nil
            case .all(let told):
                objects = objects.filter { $0.key.kind != kind }.merging(told) { _, new in new }
                missing.remove(kind)
                return isWhole ? .all(objects) : nil
            }
        }
    }
}
