import Fleet
import Manifest
import Primitives

extension ObjectRenderer {
    /// The cells of `TableColumn.sources`.
    func sourceCells(_ object: FleetObject) -> [String] {
        // What this program can't read is shown as unknown.
        let spec = try? GitRepositorySpec(canonical: object.spec)
        let status = try? GitRepositoryStatus(canonical: object.status)
        let ready = status?.conditions["Ready"]
        return [
            object.key.name,
            status.map { String($0.appliedRevision) } ?? "0",
            status?.lastAppliedCommit.map { String($0.prefix(12)) } ?? CellText.none,
            ready?.status.rawValue ?? "Unknown",
            AgeText.since(object.createdAt, now: view.now),
            spec?.url ?? CellText.unknown,
            spec.map { $0.reference?.name ?? "HEAD" } ?? CellText.unknown,
            spec?.path ?? CellText.unknown,
            ready?.message ?? CellText.none,
        ]
    }
}
