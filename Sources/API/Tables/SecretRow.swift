import Fleet
import Manifest
import Primitives

extension ObjectRenderer {
    /// The cells of `TableColumn.secrets`.
    func secretCells(_ object: FleetObject) -> [String] {
        // A Secret of a newer program shows as one whose values are not known.
        let sealed = (try? SecretSpec(canonical: object.spec))?.sealed
        let versions = Set((sealed ?? [:]).values.map(\.version)).sorted()
        return [
            object.key.name,
            sealed.map { String($0.count) } ?? CellText.none,
            AgeText.since(object.createdAt, now: view.now),
            sealed.map { $0.keys.sorted().joined(separator: ",") } ?? CellText.none,
            versions.isEmpty ? CellText.none : versions.map(String.init).joined(separator: ","),
        ]
    }
}
