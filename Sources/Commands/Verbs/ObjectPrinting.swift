import Contract
import JSONText
import Manifest
import Primitives

/// Prints what `get` read, once.
struct ObjectPrinting {
    let reading: ObjectReading
    let selections: [ResourceSelection]
    let withHeader: Bool

    private var output: any TextSink { reading.world.output }

    func run() async throws {
        var missing: [ClientFailure] = []
        var documents: [JSON] = []
        var printedTables = 0
        for selection in selections {
            let answer = try await reading.read(selection)
            missing += answer.missing
            if reading.format.isTable {
                if try printTable(answer.documents, of: selection, isFirst: printedTables == 0) { printedTables += 1 }
            } else {
                documents += answer.documents
            }
        }
        if reading.format.isTable {
            if printedTables == 0, missing.isEmpty, selections.contains(where: \.names.isEmpty) {
                try sayNothingFound()
            }
        } else {
            try printObjects(documents)
        }
        guard missing.isEmpty else { throw CommandFailure(text: missing.map(\.text).joined(separator: "\n")) }
    }

    /// Whether there was anything to print.
    private func printTable(_ documents: [JSON], of selection: ResourceSelection, isFirst: Bool) throws -> Bool {
        var merged: ServerTable?
        for document in documents {
            guard let table = ServerTable(document) else {
                throw ClientFailure.protocolViolation("a table was asked for, and something else came")
            }
            if merged == nil { merged = table } else { merged?.rows += table.rows }
        }
        guard var merged, !merged.rows.isEmpty else { return false }
        if let order = reading.display.order { merged.rows = try order.sorted(merged.rows, by: \.object) }
        let namesKind = selections.count > 1 || reading.display.showsKind
        let layout = ServerTable.Layout(
            wide: reading.format == .wide, withNamespace: reading.namespace == nil && selection.kind.namespaced,
            kindPrefix: namesKind ? "\(selection.kind.singular).\(KindInfo.group)/" : nil, display: reading.display)
        if !isFirst { try output.write("\n") }
        let header = withHeader ? [merged.header(layout)] : []
        try output.write(TableText.render(header + merged.rows.map { merged.text(of: $0, layout) }))
        return true
    }

    private func sayNothingFound() throws {
        let namespaced = selections.contains { $0.kind.namespaced }
        guard namespaced, let namespace = reading.namespace else {
            try reading.world.errors.line("No resources found")
            return
        }
        try reading.world.errors.line("No resources found in \(namespace) namespace.")
    }

    private func printObjects(_ documents: [JSON]) throws {
        var objects = ObjectReading.objects(in: documents)
        if let order = reading.display.order { objects = try order.sorted(objects) { $0 } }
        let isOneByName = selections.count == 1 && selections[0].names.count == 1
        if isOneByName && objects.isEmpty { return }
        let printer = ObjectOutput(format: reading.format, world: reading.world, withHeader: withHeader)
        if isOneByName { try printer.print(objects[0]) } else { try printer.print(list: objects) }
    }
}
