import Fleet
import Manifest

/// A list or a table that is rendered as it is read: one piece after the other, from the objects of one moment.
struct ListPieces: Sendable {
    private let items: ListedItems
    private let kind: KindInfo
    private let renderer: ObjectRenderer
    private let table: TableWriter?
    private let annotations: [String: String]
    private let pieceBytes: Int
    private var output = JSONOutput(capacity: 0)
    /// Of the item that the next piece begins with.
    private var position = 0
    private var hasBegun = false
    private(set) var isDone = false

    /// - Parameter view: Without its objects, which are not needed.
    init(_ items: ListedItems, request: ListRequest, view: ClusterView, specs: FullSpecCache, pieceBytes: Int) {
        self.items = items
        kind = request.kind
        annotations = view.stalenessAnnotations
        let renderer = ObjectRenderer(view: view.withoutObjects, specs: specs, isForOne: false)
        self.renderer = renderer
        table = request.table.map { TableWriter(renderer: renderer, objects: $0) }
        self.pieceBytes = pieceBytes
    }

    /// The next piece: about so many bytes as a piece has, and one object more at most.
    mutating func next() -> [UInt8] {
        precondition(!isDone, "a list that is over has no next piece")
        if !hasBegun {
            hasBegun = true
            begin()
        }
        while position < items.count, output.bytes.count < pieceBytes {
            append(position)
            position += 1
        }
        if position == items.count {
            isDone = true
            end()
        }
        return output.take()
    }

    private mutating func begin() {
        let revision = renderer.view.fleet.revision
        if let table {
            table.begin(columns: kind.columns, resourceVersion: revision, annotations: annotations, to: &output)
        } else {
            ListWriter.begin(kind, resourceVersion: revision, annotations: annotations, to: &output)
        }
    }

    private mutating func append(_ position: Int) {
        switch (items, table) {
        case (.objects(let objects), let table?): table.appendRow(objects[position], to: &output)
        case (.events(let events), let table?): table.appendRow(events[position], to: &output)
        case (.objects(let objects), nil): ListWriter.append(objects[position], renderer: renderer, to: &output)
        case (.events(let events), nil): ListWriter.append(events[position], to: &output)
        }
    }

    private mutating func end() {
        if let table { table.end(to: &output) } else { ListWriter.end(to: &output) }
    }
}

extension ClusterView {
    /// The view with members and counters alone: holding it keeps no object from being freed.
    var withoutObjects: ClusterView {
        var view = self
        view.fleet = fleet.withoutObjects
        return view
    }
}
