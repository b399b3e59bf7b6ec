import Contract
import Fleet
import JSONText
import Manifest
import Primitives

/// One watch as a value: views of the cluster go in one after the other, lines for the client come out.
///
/// It keeps no view and no queue: what a slow client misses is replayed from the fleet's change feed, and a client that
/// is too slow even for that is told so (410) and lists again. Lines come in pieces of a bounded size; while there are
/// more, `isBehind` says so.
struct WatchFeed: Sendable {
    enum Step: Equatable, Sendable {
        case lines([UInt8])
        /// These are the last lines.
        case end([UInt8])
    }

    /// So many changes are looked at for one piece.
    private static let changesOfPiece = 256

    let request: WatchRequest
    let specs: FullSpecCache
    private let pieceBytes: Int
    /// Everything up to this revision was told.
    private(set) var cursor: UInt64 = 0
    /// Whether more can be told at once.
    private(set) var isBehind = false
    /// Objects of one moment that are still to be told.
    private(set) var backlog: WatchBacklog?
    /// What the client takes to match, while a selector of labels can change that.
    private var matching: Set<ObjectKey> = []
    /// As the client was last told.
    private var silentNodes: Set<String> = []
    /// Whether a table's columns were told: only its first line has them.
    private var hasColumns = false
    /// Changes up to here happened before the watch began.
    private var replayEnd: UInt64 = 0

    init(request: WatchRequest, specs: FullSpecCache, pieceBytes: Int) {
        self.request = request
        self.specs = specs
        self.pieceBytes = pieceBytes
    }

    /// The first lines: everything that is there, or what came after the client's revision.
    mutating func begin(_ view: ClusterView) -> Step {
        silentNodes = Self.silentNodes(in: view)
        if let version = request.resourceVersion, !request.marksInitialEnd {
            cursor = version
            replayEnd = view.fleet.revision
            if tracksMatching {
                // What has not changed since then matched then as it does now.
                for object in view.fleet.objects(kind: request.list.kind.kind, namespace: request.list.namespace)
                where object.resourceVersion <= version && request.list.matches(object) { matching.insert(object.key) }
            }
            return advance(view)
        }
        let items = request.list.items(in: view)
        if tracksMatching, case .objects(let objects) = items { matching = Set(objects.map(\.key)) }
        cursor = view.fleet.revision
        backlog = WatchBacklog(type: "ADDED", items: items, view: view.withoutObjects)
        return tellBacklog()
    }

    /// What has happened since the last view, or the first of it.
    mutating func advance(_ view: ClusterView) -> Step {
        if backlog != nil { return tellBacklog() }
        isBehind = false
        var writer = LineWriter(self, view: view)
        if request.list.kind == .event {
            tellEvents(view, to: &writer)
        } else {
            switch view.fleet.changes(after: cursor, atMost: Self.changesOfPiece) {
            case .expired:
                writer.appendError(
                    APIStatus(
                        .expired,
                        "too old resource version: \(cursor) (\(view.fleet.revision)): list again and watch from there")
                )
                return .end(writer.bytes)
            case .changes(let changes):
                isBehind = changes.count == Self.changesOfPiece
                for change in changes {
                    append(change, to: &writer)
                    cursor = change.revision
                    if writer.bytes.count >= pieceBytes {
                        isBehind = true
                        break
                    }
                }
            }
            if !isBehind { noteSilences(view) }
        }
        if !isBehind { cursor = max(cursor, view.fleet.revision) }
        if backlog != nil {
            if writer.bytes.isEmpty { return tellBacklog() }
            isBehind = true
        }
        hasColumns = writer.hasColumns
        return .lines(writer.bytes)
    }

    /// The next lines of the objects that are still to be told; needs no view.
    mutating func tellBacklog() -> Step {
        guard var backlog else { return .lines([]) }
        var writer = LineWriter(self, view: backlog.view)
        while writer.bytes.count < pieceBytes, backlog.append(to: &writer) {}
        let isDone = backlog.isDone
        if isDone, backlog.isInitial, request.marksInitialEnd {
            writer.appendBookmark(revision: cursor, marksInitialEnd: true)
        }
        self.backlog = isDone ? nil : backlog
        isBehind = !isDone
        hasColumns = writer.hasColumns
        return .lines(writer.bytes)
    }

    private mutating func tellEvents(_ view: ClusterView, to writer: inout LineWriter) {
        for event in request.list.events(in: view) where event.revision > cursor {
            writer.append(event.firstRevision > cursor ? "ADDED" : "MODIFIED", event)
            if writer.bytes.count >= pieceBytes {
                cursor = event.revision
                isBehind = true
                return
            }
        }
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
        } else if didMatch || change.revision <= replayEnd && change.kind != .added {
            // In a replay it isn't known what the client took to match, and a deletion too many does no harm.
            matching.remove(object.key)
            writer.append("DELETED", object)
        }
    }

    /// Objects that look different because a node has fallen silent or is back; nothing stored changes by that.
    private mutating func noteSilences(_ view: ClusterView) {
        let now = Self.silentNodes(in: view)
        let changed = now.symmetricDifference(silentNodes)
        silentNodes = now
        let objects = changed.sorted().flatMap { node in
            switch request.list.kind {
            case .virtualMachine: view.fleet.bound(to: node)
            case .node: [view.fleet[KindInfo.node.key(namespace: "", name: node)]].compactMap(\.self)
            default: [FleetObject]()
            }
        }.filter(request.list.matches)
        if !objects.isEmpty {
            backlog = WatchBacklog(type: "MODIFIED", items: .objects(objects), view: view.withoutObjects)
        }
    }

    private static func silentNodes(in view: ClusterView) -> Set<String> {
        Set(view.fleet.members.map(\.name).filter { view.attendance(of: $0) != .present })
    }
}
