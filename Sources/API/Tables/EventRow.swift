import Fleet
import Manifest
import Primitives

extension EventRenderer {
    /// The cells of `TableColumn.events`.
    static func cells(_ event: EventRecord, now: WallTime) -> [String] {
        var seen = AgeText.since(event.lastSeen, now: now)
        if event.count > 1 { seen += " (x\(event.count) over \(AgeText.since(event.firstSeen, now: now)))" }
        return [
            seen,
            typeName(of: event),
            event.reason,
            "\(event.regarding.kind.lowercased())/\(event.regarding.name)",
            event.message,
            event.source,
            name(of: event),
        ]
    }
}
