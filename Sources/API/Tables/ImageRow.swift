import Fleet
import Manifest
import Primitives

extension ObjectRenderer {
    /// The cells of `TableColumn.images`.
    func imageCells(_ object: FleetObject) -> [String] {
        let spec = CanonicalMembers(specs.fullSpec(of: object))
        let copies = object.imageCopies
        let present = copies.filter { $0.state == .present }
        return [
            object.key.name,
            spec.string("format") ?? CellText.unknown,
            copies.isEmpty ? "0" : "\(present.count)/\(copies.count)",
            present.map(\.bytes).max().map(Self.size) ?? CellText.unknown,
            AgeText.since(object.createdAt, now: view.now),
            spec.string("digest").map(Self.shortDigest) ?? CellText.unknown,
            spec.string("source") ?? CellText.unknown,
        ]
    }

    /// The first twelve digits, without the name of the hash.
    private static func shortDigest(_ digest: String) -> String {
        String(digest.drop { $0 != ":" }.dropFirst().prefix(12))
    }

    /// Three digits or so, and a binary unit: `512B`, `14KiB`, `2.3GiB`.
    private static func size(bytes: Int64) -> String {
        var unit = 0
        var scale: Int64 = 1
        while unit < 4, bytes / scale >= 1024 {
            unit += 1
            scale *= 1024
        }
        let name = ["B", "KiB", "MiB", "GiB", "TiB"][unit]
        let whole = bytes / scale
        let tenth = bytes % scale * 10 / scale
        return unit > 0 && whole < 10 && tenth > 0 ? "\(whole).\(tenth)\(name)" : "\(whole)\(name)"
    }
}
