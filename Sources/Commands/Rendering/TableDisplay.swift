import ArgumentParser
import JSONText

/// What a user wants to see in tables beside the server's columns, and in which order.
struct TableDisplay: Equatable {
    /// Labels that have a column each.
    var labelColumns: [String] = []
    var showsLabels = false
    /// Whether names carry their kind although there is only one.
    var showsKind = false
    var order: SortKey?
}

/// The flags of `get` for what tables show.
struct TableOptions: ParsableArguments {
    @Flag(name: .customLong("show-labels"), help: "A last column with all labels.")
    var showLabels = false

    @Option(
        name: [.customShort("L", allowingJoined: true), .customLong("label-columns")], parsing: .singleValue,
        help: ArgumentHelp("A column for each of these labels. Repeatable.", valueName: "key,..."))
    var labelColumns: [String] = []

    @Flag(name: .customLong("show-kind"), help: "Names with their kind: virtualmachine.blixard.dev/web.")
    var showKind = false

    @Option(
        name: .customLong("sort-by"),
        help: ArgumentHelp(
            "Sort by the value at this path: numbers and quantities by size.", valueName: "path"))
    var sortBy: String?

    func display() throws -> TableDisplay {
        let columns = labelColumns.flatMap { words in
            words.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        guard !columns.contains("") else {
            throw CommandFailure.error("--label-columns \(labelColumns.joined(separator: " ")): a label has no name")
        }
        return TableDisplay(
            labelColumns: columns, showsLabels: showLabels, showsKind: showKind, order: try sortBy.map(SortKey.init))
    }
}
