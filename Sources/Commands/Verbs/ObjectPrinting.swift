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
        guard let merged, !merged.rows.isEmpty else { return false }
        let layout = ServerTable.Layout(
            wide: reading.format == .wide, withNamespace: reading.namespace == nil && selection.kind.namespaced,
            kindPrefix: selections.count > 1 ? "\(selection.kind.singular).\(KindInfo.group)/" : nil)
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
        let objects = ObjectReading.objects(in: documents)
        let isOneByName = selections.count == 1 && selections[0].names.count == 1
        if isOneByName && objects.isEmpty { return }
        let whole = isOneByName ? objects[0] : ObjectReading.list(objects)
        switch reading.format {
        case .json: try output.write(whole.prettyText)
        case .yaml: try output.write(YAMLText.render(whole))
        case .name: try output.write(objects.map { $0.resourceName.harmless + "\n" }.joined())
        case .jsonPath(let template): try reading.world.writeValues(template.render(whole))
        case .columns(let columns):
            let header = withHeader ? [columns.map(\.header)] : []
            try output.write(TableText.render(header + CustomColumn.rows(columns, of: objects)))
        case .table, .wide: preconditionFailure("tables are printed by printTable")
        }
    }
}
