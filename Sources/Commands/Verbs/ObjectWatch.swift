import JSONText
import Manifest

/// Prints what is there and then every change, until somebody interrupts it.
struct ObjectWatch {
    let reading: ObjectReading
    let selection: ResourceSelection
    private var table = TableText()
    private var headerIsDue: Bool
    /// Of the last table that named them: a server names them once in a stream.
    private var columns: [ServerTable.Column] = []

    init(reading: ObjectReading, selection: ResourceSelection, withHeader: Bool) {
        self.reading = reading
        self.selection = selection
        headerIsDue = withHeader
    }

    /// Watches from the state at the beginning; when the server ends the stream, goes on after the last change seen.
    /// If that is too long ago, everything is listed anew.
    func run() async throws {
        var watch = self
        var revision: String?
        while true {
            if revision == nil { revision = try await watch.printList() }
            revision = try await watch.follow(after: revision)
            // A server that ends every stream at once is not asked in a tight loop.
            try await reading.world.clock.sleep(milliseconds: 100)
        }
    }

    private var path: String { APIPath.collection(selection.kind, namespace: reading.namespace) }

    private var query: [(String, String)] {
        reading.query + selection.names.map { ("fieldSelector", "metadata.name=\($0)") }
    }

    /// Prints the list and answers its revision.
    private mutating func printList() async throws -> String? {
        let list = try await reading.client.connection.get(path, query: query, accept: reading.accept)
        try reading.warnIfStale(list)
        if reading.format.isTable {
            try printTable(list)
        } else {
            for object in ObjectReading.objects(in: [list]) { try printObject(object) }
        }
        return list.resourceVersion ?? "0"
    }

    /// Prints changes until the stream ends; nil when the list is needed again.
    private mutating func follow(after start: String?) async throws -> String? {
        var revision = start
        let events = try await reading.client.connection.lines(
            path, query: query + [("watch", "true"), ("resourceVersion", revision ?? "0")], accept: reading.accept)
        var iterator = events.makeAsyncIterator()
        while let event = try await Self.next(&iterator) {
            guard let object = event["object"] else { continue }
            switch event["type"]?.string {
            case "ERROR":
                let status = ServerStatus(object, code: 0)
                if status.reason == "Expired" || status.reason == "Gone" { return nil }
                throw CommandFailure(text: status.text)
            case "BOOKMARK": break
            default:
                if !reading.format.isTable {
                    try printObject(object)
                } else if ServerTable(object) != nil {
                    try printTable(object)
                } else {
                    try await printRow(of: object)
                }
            }
            revision = Self.revision(of: object) ?? revision
        }
        return revision
    }

    /// The next event; nil at the end, and also when the connection is lost: then the watch goes on elsewhere.
    private static func next<Iterator: AsyncIteratorProtocol>(
        _ iterator: inout Iterator
    ) async throws -> JSON? where Iterator.Element == JSON {
        do {
            return try await iterator.next()
        } catch let failure as ConnectionFailure {
            if case .lostAnswer = failure { return nil }
            throw failure
        }
    }

    /// The row of an object that came without one. An object that is gone by now has none.
    private mutating func printRow(of object: JSON) async throws {
        guard let name = object.nameText else { return }
        let path = APIPath.object(selection.kind, namespace: object.namespaceText ?? "", name: name)
        do {
            try printTable(try await reading.client.connection.get(path, query: [], accept: reading.accept))
        } catch let failure as ConnectionFailure where failure.isNotFound {
            return
        }
    }

    private static func revision(of object: JSON) -> String? {
        object.resourceVersion.flatMap { $0.isEmpty ? nil : $0 }
            ?? object["rows"]?.array?.last?["object"]?.resourceVersion
    }

    private mutating func printTable(_ json: JSON) throws {
        guard var rows = ServerTable(json) else {
            throw ConnectionFailure.protocolViolation("a table was asked for, and something else came")
        }
        if rows.columns.isEmpty { rows.columns = columns } else { columns = rows.columns }
        guard !rows.rows.isEmpty else { return }
        let layout = ServerTable.Layout(
            wide: reading.format == .wide, withNamespace: reading.namespace == nil && selection.kind.namespaced,
            kindPrefix: nil)
        let header = headerIsDue ? [rows.header(layout)] : []
        headerIsDue = false
        try reading.world.output.write(table.lines(header + rows.rows.map { rows.text(of: $0, layout) }))
    }

    private func printObject(_ object: JSON) throws {
        let output = reading.world.output
        switch reading.format {
        case .json: try output.write(object.prettyText)
        case .yaml: try output.write("---\n" + YAMLText.render(object))
        case .name: try output.line(object.resourceName)
        case .jsonPath(let template): try output.write(template.render(object))
        case .columns(let columns): try output.write(TableText.render(CustomColumn.rows(columns, of: [object])))
        case .table, .wide: preconditionFailure("tables are printed by printTable")
        }
    }
}
