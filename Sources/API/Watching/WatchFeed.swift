import Fleet
import JSONText
import Manifest
import Primitives

/// One watch as a value: views of the cluster go in one after the other, lines for the client come out.
///
/// It keeps no view and no queue: what a slow client misses is replayed from the fleet's change feed, and a client that
/// is too slow even for that is told so (410) and lists again.
struct WatchFeed {
    enum Step: Equatable {
        case lines([UInt8])
        /// These are the last lines.
        case end([UInt8])
    }

    let request: WatchRequest
    let specs: FullSpecCache
    /// Everything up to this revision was told.
    private(set) var cursor: UInt64 = 0
    /// What the client takes to match, while a selector of labels can change that.
    private var matching: Set<ObjectKey> = []
    private var silentNodes: Set<String> = []
    private var hasColumns = false
    private var isReplay = false

    init(request: WatchRequest, specs: FullSpecCache) {
        self.request = request
        self.specs = specs
    }

    /// The first lines: everything that is there, or what came after the client's revision.
    mutating func begin(_ view: ClusterView) -> Step {
        silentNodes = Self.silentNodes(in: view)
        if let version = request.resourceVersion, !request.marksInitialEnd {
            cursor = version
            isReplay = true
            if tracksMatching {
                // What has not changed since then matched then as it does now.
                for object in view.fleet.objects(kind: request.list.kind.kind, namespace: request.list.namespace)
                where object.resourceVersion <= version && request.list.matches(object) { matching.insert(object.key) }
            }
            defer { isReplay = false }
            return advance(view)
        }
        var writer = LineWriter(self, view: view)
        switch request.list.items(in: view) {
        case .objects(let objects):
            for object in objects {
                writer.append("ADDED", object)
                if tracksMatching { matching.insert(object.key) }
            }
        case .events(let events): for event in events { writer.append("ADDED", event) }
        }
        cursor = view.fleet.revision
        if request.marksInitialEnd { writer.appendBookmark(revision: cursor, marksInitialEnd: true) }
        hasColumns = writer.hasColumns
        return .lines(writer.bytes)
    }

    /// What has happened since the last view.
    mutating func advance(_ view: ClusterView) -> Step {
        var writer = LineWriter(self, view: view)
        if request.list.kind == .event {
            for event in request.list.events(in: view) where event.revision > cursor {
                writer.append(event.firstRevision > cursor ? "ADDED" : "MODIFIED", event)
            }
        } else {
            switch view.fleet.changes(after: cursor) {
            case .expired:
                writer.appendError(
                    APIStatus(
                        .expired,
                        "too old resource version: \(cursor) (\(view.fleet.revision)): list again and watch from there")
                )
                return .end(writer.bytes)
            case .changes(let changes): for change in changes { append(change, to: &writer) }
            }
            appendSilences(view, to: &writer)
        }
        cursor = max(cursor, view.fleet.revision)
        hasColumns = writer.hasColumns
        return .lines(writer.bytes)
    }

    /// A line that tells how far the watch has come; empty for clients that did not ask for such.
    func bookmark(_ view: ClusterView) -> [UInt8] {
        guard request.wantsBookmarks else { return [] }
        var writer = LineWriter(self, view: view)
        writer.appendBookmark(revision: cursor, marksInitialEnd: false)
        return writer.bytes
    }

    var needsColumns: Bool { !hasColumns }
    private var tracksMatching: Bool { !request.list.labels.isEmpty }

    private mutating func append(_ change: Change, to writer: inout LineWriter) {
        let object = change.object
        let list = request.list
        guard object.key.kind == list.kind.kind, list.namespace == nil || object.key.namespace == list.namespace,
            list.fields.matches(object.key)
        else { return }
        guard tracksMatching else {
            switch change.kind {
            case .added: writer.append("ADDED", object)
            case .modified: writer.append("MODIFIED", object)
            case .deleted: writer.append("DELETED", object)
            }
            return
        }
        let didMatch = matching.contains(object.key)
        if change.kind != .deleted, list.labels.matches(object.labels) {
            matching.insert(object.key)
            writer.append(didMatch ? "MODIFIED" : "ADDED", object)
        } else if didMatch || isReplay && change.kind != .added {
            // In a replay nobody knows what the client took to match, and a deletion too many harms nobody.
            matching.remove(object.key)
            writer.append("DELETED", object)
        }
    }

    /// Objects that look different because a node has fallen silent or is back; nothing stored changes by that.
    private mutating func appendSilences(_ view: ClusterView, to writer: inout LineWriter) {
        let now = Self.silentNodes(in: view)
        let changed = now.symmetricDifference(silentNodes)
        silentNodes = now
        for node in changed.sorted() {
            let objects =
                switch request.list.kind {
                case .virtualMachine: view.fleet.bound(to: node)
                case .node: [view.fleet[KindInfo.node.key(namespace: "", name: node)]].compactMap(\.self)
                default: [FleetObject]()
                }
            for object in objects where request.list.matches(object) { writer.append("MODIFIED", object) }
        }
    }

    private static func silentNodes(in view: ClusterView) -> Set<String> {
        Set(view.fleet.members.map(\.name).filter { view.attendance(of: $0) != .present })
    }
}
