import Fleet
import Manifest
import Primitives

extension ObjectRenderer {
    /// The cells of `TableColumn.sets`.
    func setCells(_ object: FleetObject) -> [String] {
        let record = view.fleet.manifestSet(named: object.key.name)
        let newest = record?.newest
        return [
            object.key.name,
            newest.map { String($0.number) } ?? "0",
            String(record?.memberCount ?? 0),
            record?.settings.prune == true ? "True" : "False",
            newest.map { AgeText.since($0.time, now: view.now) } ?? CellText.none,
            AgeText.since(object.createdAt, now: view.now),
            newest.map(\.authorText) ?? CellText.none,
            newest.map(\.commit).flatMap { $0.isEmpty ? nil : $0 } ?? CellText.none,
            newest.map(\.message).flatMap { $0.isEmpty ? nil : $0 } ?? CellText.none,
        ]
    }

    /// A set's status: where its history stands.
    func appendSetStatus(of object: FleetObject, to output: inout JSONOutput) {
        guard let record = view.fleet.manifestSet(named: object.key.name) else { return }
        output.key("status")
        output.beginObject()
        output.key("revision")
        output.integer(record.lastRevision)
        output.key("members")
        output.integer(UInt64(record.memberCount))
        if let newest = record.newest {
            output.key("appliedAt")
            output.time(newest.time)
            output.key("author")
            output.string(newest.authorText)
            output.key("commit")
            output.string(newest.commit)
            output.key("message")
            output.string(newest.message)
        }
        output.endObject()
    }
}

extension SetRevision {
    /// The author's name, else the beginning of the key; what has no author is from the cluster itself.
    var authorText: String { authorName.isEmpty ? author?.short ?? "cluster" : authorName }
}
