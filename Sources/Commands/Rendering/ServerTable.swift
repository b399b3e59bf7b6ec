import JSONText

/// A table as the server prints a list.
struct ServerTable {
    /// What the columns are called, and which are shown only by `-o wide`.
    var columns: [Column] = []
    var rows: [Row] = []

    struct Column: Equatable {
        var name: String
        var isWide: Bool
    }

    struct Row {
        var cells: [String]
        var namespace: String
        var name: String
        /// The kind that the object names, if it does.
        var kind: String?
        /// What the server says of the object: all of it where that was asked for, else its metadata.
        var object: JSON

        fileprivate func label(_ key: String) -> String {
            object["metadata"]?["labels"]?[key]?.string ?? "<none>"
        }

        fileprivate var labels: String {
            let labels = object["metadata"]?["labels"]?.object?.sortedMembers ?? []
            return labels.isEmpty
                ? "<none>" : labels.map { "\($0.key)=\(PathExpression.text($0.value))" }.joined(separator: ",")
        }
    }

    init?(_ json: JSON) {
        guard json["kind"]?.string == "Table", let columns = json["columnDefinitions"]?.array else { return nil }
        self.columns = columns.map {
            Column(name: $0["name"]?.string ?? "", isWide: ($0["priority"]?.integer ?? 0) > 0)
        }
        rows = (json["rows"]?.array ?? []).map { row in
            let metadata = row["object"]?["metadata"]
            return Row(
                cells: (row["cells"]?.array ?? []).map { $0.isNull ? "<none>" : PathExpression.text($0) },
                namespace: metadata?["namespace"]?.string ?? "", name: metadata?["name"]?.string ?? "",
                kind: row["object"]?["kind"]?.string, object: row["object"] ?? .null)
        }
    }

    /// What is printed around the server's columns.
    struct Layout {
        var wide: Bool
        /// The namespace comes first.
        var withNamespace: Bool
        /// The first cell names the kind as well: `virtualmachine.blixard.dev/web`.
        var kindPrefix: String?
        /// Columns behind the server's.
        var display: TableDisplay
    }

    func header(_ layout: Layout) -> [String] {
        (layout.withNamespace ? ["NAMESPACE"] : []) + shown(layout).map { columns[$0].name.uppercased() }
            // Of a label's key the part that tells it from others.
            + layout.display.labelColumns.map { ($0.split(separator: "/").last.map(String.init) ?? $0).uppercased() }
            + (layout.display.showsLabels ? ["LABELS"] : [])
    }

    func text(of row: Row, _ layout: Layout) -> [String] {
        var cells = shown(layout).map { $0 < row.cells.count ? row.cells[$0] : "<none>" }
        if let prefix = layout.kindPrefix, !cells.isEmpty { cells[0] = prefix + cells[0] }
        return (layout.withNamespace ? [row.namespace] : []) + cells + layout.display.labelColumns.map(row.label)
            + (layout.display.showsLabels ? [row.labels] : [])
    }

    private func shown(_ layout: Layout) -> [Int] {
        columns.indices.filter { layout.wide || !columns[$0].isWide }
    }
}
