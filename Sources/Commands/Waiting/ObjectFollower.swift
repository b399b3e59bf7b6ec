import Contract
import JSONText
import Manifest
import Primitives

/// What the cluster says of objects that a command waits for, as soon as it says it.
///
/// A watch tells all of them first and then every change. It runs for a while and is opened anew, which is the look now
/// and then; one that is lost or refused for a moment is opened at the next member that answers. Objects of several
/// kinds are as many watches, side by side.
struct ObjectFollower {
    enum Event: Sendable {
        /// All objects as they are at one moment; what is missing is not there.
        case all([ObjectKey: JSON])
        /// One object as it is now; nil when it is gone.
        case one(ObjectKey, JSON?)
        /// No node answers or leads just now.
        case silence(ClientFailure)
        /// The time is over.
        case deadline
    }

    let client: ClusterClient
    let keys: [ObjectKey]
    /// Nil for as long as it takes.
    let deadline: Instant?

    /// A watch is opened anew after this long.
    private static let watchMilliseconds: Int64 = 15_000
    /// Between two watches.
    private static let pauseMilliseconds: Int64 = 300
    /// Even a wait of no time gives the cluster so long for its one answer.
    private static let answerMilliseconds: Int64 = 5000

    private var world: World { client.world }

    /// Hands every event to `take` until it answers true.
    ///
    /// - Throws: What `take` throws, and failures that time does not mend. A failure that time may mend is thrown when
    ///   the time is over and nothing was heard in it: a watch that the deadline cuts has told what there was to tell.
    func follow(_ take: (Event) throws -> Bool) async throws {
        let kinds = Set(keys.map(\.kind)).sorted().compactMap { KindInfo.named($0) }
        switch kinds.count {
        case 0: return
        case 1: try await follow(kinds[0], take)
        default: try await followSeveral(kinds, take)
        }
    }

    private func follow(_ kind: KindInfo, _ take: (Event) throws -> Bool) async throws {
        var hasHeard = false
        func hear(_ event: Event) throws -> Bool {
            switch event {
            case .all, .one: hasHeard = true
            case .silence, .deadline: break
            }
            return try take(event)
        }
        while true {
            try Task.checkCancellation()
            do {
                if try await watch(kind, hear) { return }
            } catch let failure as ClientFailure where failure.isTransient {
                try Task.checkCancellation()
                let isLate = (millisecondsLeft ?? 1) <= 0
                if isLate, !hasHeard { throw failure }
                if try !isLate && take(.silence(failure)) { return }
            }
            if let left = millisecondsLeft, left <= 0 {
                _ = try take(.deadline)
                return
            }
            try await world.clock.sleep(milliseconds: min(Self.pauseMilliseconds, millisecondsLeft ?? .max))
        }
    }

    private var millisecondsLeft: Int64? { deadline.map { $0 - world.clock.now } }

    /// Follows one watch to its end; answers true if `take` has heard enough.
    private func watch(_ kind: KindInfo, _ take: (Event) throws -> Bool) async throws -> Bool {
        let namespaces = Set(keys.map(\.namespace))
        let path = ResourcePath.collection(kind, namespace: namespaces.count == 1 ? namespaces.first : nil)
        let milliseconds = min(Self.watchMilliseconds, max(0, millisecondsLeft ?? Self.watchMilliseconds))
        var query = [
            QueryParameter.watch.item(true), QueryParameter.sendInitialEvents.item(true),
            QueryParameter.timeoutSeconds.item((milliseconds + 999) / 1000),
        ]
        if keys.count == 1 { query.append(QueryParameter.fieldSelector.item("metadata.name=\(keys[0].name)")) }
        let lines = try await client.connection.lines(
            path, query: query, accept: nil,
            // One that hangs is given up a while after it should have ended, and at the deadline.
            atMostMilliseconds: millisecondsLeft.map { max($0, Self.answerMilliseconds) }
                ?? milliseconds + Self.answerMilliseconds)
        var objects: [ObjectKey: JSON]? = [:]
        var iterator = lines.makeAsyncIterator()
        while let line = try await Self.next(&iterator) {
            guard let object = line["object"] else { continue }
            switch line["type"]?.string {
            case "ERROR":
                let failure = ClientFailure.status(APIStatus(embedded: object))
                // What was missed is told by the next watch, which begins with everything.
                guard failure.hasExpired else { throw failure }
                return false
            case "BOOKMARK":
                guard let all = objects else { continue }
                objects = nil
                if try take(.all(all)) { return true }
            case let type:
                guard let name = object.nameText else { continue }
                let key = kind.key(namespace: object.namespaceText ?? "", name: name)
                // `nil` alone would be JSON's null.
                let value = type == "DELETED" ? JSON?.none : object
                if objects != nil {
                    objects?[key] = value
                } else if try take(.one(key, value)) {
                    return true
                }
            }
            if let left = millisecondsLeft, left <= 0 { return false }
        }
        return false
    }

    private static func next<Iterator: AsyncIteratorProtocol>(
        _ iterator: inout Iterator
    ) async throws -> JSON? where Iterator.Element == JSON {
        try await iterator.next()
    }
}
