import Contract
import JSONText
import Manifest

/// Prints what is there and then every change, until it is interrupted.
struct ObjectWatch {
    let reading: ObjectReading
    let selection: ResourceSelection
    private var table = TableText()
    private var headerIsDue: Bool
    /// Of the last table that named them: a server names them once in a stream.
    private var columns: [ServerTable.Column] = []
    /// Of the last change that was seen; nil while the list is needed.
    private var revision: String?

    init(reading: ObjectReading, selection: ResourceSelection, withHeader: Bool) {
        self.reading = reading
        self.selection = selection
        headerIsDue = withHeader
    }

    /// Watches from the state at the beginning; when the server ends the stream, or no node answers or leads for long,
    /// goes on after the last change seen. If that is too long ago, everything is listed anew.
    func run() async throws {
        var watch = self
        // A user whose first list fails is told so, as by any other read.
        try await watch.printList()
        var failures: Int64 = 0
        while true {
            do {
                if watch.revision == nil { try await watch.printList() }
                try await watch.follow()
                failures = 0
            } catch let failure as ClientFailure where failure.isTransient {
                failures += 1
                if failures == 1 {
                    try reading.world.errors.line("Warning: the watch goes on when it can (\(failure.brief))")
                }
            }
            // A server that ends every stream at once is not asked in a tight loop either.
            try await reading.world.clock.sleep(milliseconds: Self.pauseMilliseconds << min(failures, 5))
        }
    }

    private static let pauseMilliseconds: Int64 = 100

    private var path: String { ResourcePath.collection(selection.kind, namespace: reading.namespace) }

    private var query: [(String, String)] {
        reading.query + selection.names.map { QueryParameter.fieldSelector.item("metadata.name=\($0)") }
    }

    /// Prints the list, and takes its revision.
    private mutating func printList() async throws {
        let list = try await reading.client.connection.get(path, query: query, accept: reading.accept)
        try reading.warnIfStale(list)
        if reading.format.isTable {
            try printTable(list)
        } else {
            for object in ObjectReading.objects(in: [list]) { try printObject(object) }
        }
        revision = list.resourceVersion ?? "0"
    }

    /// Prints changes until the stream ends.
    private mutating func follow() async throws {
        let events = try await reading.client.connection.lines(
            path,
            query: query + [QueryParameter.watch.item(true), QueryParameter.resourceVersion.item(revision ?? "0")],
            accept: reading.accept,
            atMostMilliseconds: nil)
        var iterator = events.makeAsyncIterator()
        while let event = try await Self.next(&iterator) {
            guard let object = event["object"] else { continue }
            switch event["type"]?.string {
            case "ERROR":
                let failure = ClientFailure.status(APIStatus(embedded: object))
                guard failure.hasExpired else { throw failure }
                revision = nil
                return
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
    }

    /// The next event; nil at the end, and also when the connection is lost: then the watch goes on elsewhere.
    private static func next<Iterator: AsyncIteratorProtocol>(
        _ iterator: inout Iterator
    ) async throws -> JSON? where Iterator.Element == JSON {
        do {
            return try await iterator.next()
        } catch let failure as ClientFailure {
            if case .lostAnswer = failure { return nil }
            throw failure
        }
    }

    /// The row of an object that came without one. An object that is gone by now has none.
    private mutating func printRow(of object: JSON) async throws {
        guard let name = object.nameText else { return }
        let path = ResourcePath.object(selection.kind, namespace: object.namespaceText ?? "", name: name)
        do {
            try printTable(try await reading.client.connection.get(path, query: [], accept: reading.accept))
        } catch let failure as ClientFailure where failure.isNotFound {
            return
        }
    }

    private static func revision(of object: JSON) -> String? {
        object.resourceVersion.flatMap { $0.isEmpty ? nil : $0 }
            ?? object["rows"]?.array?.last?["object"]?.resourceVersion
    }

    private mutating func printTable(_ json: JSON) throws {
        guard var rows = ServerTable(json) else {
            throw ClientFailure.protocolViolation("a table was asked for, and something else came")
        }
        if rows.columns.isEmpty { rows.columns = columns } else { columns = rows.columns }
        guard !rows.rows.isEmpty else { return }
        let layout = ServerTable.Layout(
            wide: reading.format == .wide, withNamespace: reading.namespace == nil && selection.kind.namespaced,
            kindPrefix: reading.display.showsKind ? "\(selection.kind.singular).\(KindInfo.group)/" : nil,
            display: reading.display)
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
        case .jsonPath(let template): try reading.world.writeValues(template.render(object))
        case .columns(let columns): try output.write(TableText.render(CustomColumn.rows(columns, of: [object])))
        case .table, .wide: preconditionFailure("tables are printed by printTable")
        }
    }
}
