import TestFiles

/// Histories of other systems with the verdicts of another checker, found beside the checkout or where
/// `BLIXARD_SHARED` says.
struct StoredHistories {
    /// A line of the list of verdicts.
    struct Item: CustomStringConvertible, Sendable {
        var path: String
        var model: String
        var isLinearizable: Bool

        var description: String { path }
    }

    static let directory = SharedData.directory("linearizability")

    static let absence = "no stored histories found; set BLIXARD_SHARED"

    /// Without the stored histories there is nothing to compare with; in CI that is a failure.
    static var mayRun: Bool { directory != nil || SharedData.isRequired }

    /// Nil if the list can't be read or has a line that is not understood.
    static func items() -> [Item]? {
        guard let directory, let text = TextFile.read(directory + "/expected.tsv") else { return nil }
        var items: [Item] = []
        for line in text.split(separator: "\n").dropFirst() {
            let fields = line.split(separator: "\t").map(String.init)
            guard fields.count == 3, let isLinearizable = Bool(fields[2]) else { return nil }
            items.append(Item(path: directory + "/" + fields[0], model: fields[1], isLinearizable: isLinearizable))
        }
        return items
    }
}
