import Contract
import Fleet
import JSONText
import Manifest

/// Writes the lines of a watch: `{"type":"ADDED","object":{...}}`.
struct LineWriter {
    private let kind: KindInfo
    private let table: TableWriter?
    private let renderer: ObjectRenderer
    private var output = JSONOutput(capacity: 0)
    /// Whether a table with its columns was written to this client already.
    private(set) var hasColumns: Bool

    init(_ feed: WatchFeed, view: ClusterView) {
        kind = feed.request.list.kind
        let renderer = ObjectRenderer(view: view, specs: feed.specs, isForOne: false)
        self.renderer = renderer
        table = feed.request.list.table.map { TableWriter(renderer: renderer, objects: $0) }
        hasColumns = !feed.needsColumns
    }

    var bytes: [UInt8] { output.bytes }

    mutating func append(_ type: String, _ object: FleetObject) {
        begin(type)
        if let table {
            beginTable(table, resourceVersion: object.resourceVersion)
            table.appendRow(object, to: &output)
            table.end(to: &output)
        } else {
            renderer.append(object, to: &output)
        }
        end()
    }

    mutating func append(_ type: String, _ event: EventRecord) {
        begin(type)
        if let table {
            beginTable(table, resourceVersion: event.revision)
            table.appendRow(event, to: &output)
            table.end(to: &output)
        } else {
            EventRenderer.append(event, to: &output)
        }
        end()
    }

    mutating func appendBookmark(revision: UInt64, marksInitialEnd: Bool) {
        var metadata: JSON = ["resourceVersion": .string(String(revision))]
        if marksInitialEnd { metadata["annotations"] = ["k8s.io/initial-events-end": "true"] }
        begin("BOOKMARK")
        output.json(["kind": .string(kind.kind), "apiVersion": .string(KindInfo.apiVersion), "metadata": metadata])
        end()
    }

    mutating func appendError(_ status: APIStatus) {
        begin("ERROR")
        output.json(status.json)
        end()
    }

    private mutating func begin(_ type: String) {
        output.beginObject()
        output.key("type")
        output.string(type)
        output.key("object")
    }

    private mutating func end() {
        output.endObject()
        output.endLine()
    }

    private mutating func beginTable(_ table: TableWriter, resourceVersion: UInt64) {
        table.begin(
            columns: hasColumns ? [] : kind.columns, resourceVersion: resourceVersion, annotations: [:], to: &output)
        hasColumns = true
    }
}
