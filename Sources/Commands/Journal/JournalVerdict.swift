import Journal

/// What `journal verify` says.
struct JournalVerdict {
    private(set) var text: String

    init(_ inspection: JournalInspection) {
        let entries = inspection.segments.reduce(0) { $0 + $1.entries }
        let batches = inspection.segments.reduce(0) { $0 + $1.batches }
        text =
            "\(inspection.directory): \(Self.count(inspection.segments.count, "segment")), "
            + "\(Self.count(batches, "batch", "batches")), \(Self.count(entries, "entry", "entries")), "
            + "\(Self.count(inspection.snapshots.count, "snapshot")): \(inspection.isSound ? "sound" : "damaged")\n"
        if inspection.holder != nil { text += "Held by \(Self.holder(inspection)).\n" }
        text += "The next start \(Self.nextStart(inspection)).\n"
    }

    /// For standard error.
    static func refusal(_ inspection: JournalInspection) -> String {
        inspection.problems.map { "error: \($0)" }.joined(separator: "\n")
    }

    static func holder(_ inspection: JournalInspection) -> String {
        guard let holder = inspection.holder else { return "no process of this host" }
        return "process \(holder): what it is writing now shows as unfinished"
    }

    /// Words that follow "the next start".
    static func nextStart(_ inspection: JournalInspection) -> String {
        guard let recovered = inspection.recovered else { return "refuses, with exit code 70" }
        var words = "finds all that the log shows as written"
        if let damage = recovered.unreadableSnapshot {
            words = "goes on from the older snapshot and the log, because \(damage.file) can't be read"
        }
        if recovered.bytesCut > 0 {
            words += " and cuts off \(count(recovered.bytesCut, "byte")) of an unfinished write"
        }
        return words
    }

    private static func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
        "\(number) \(number == 1 ? one : many ?? one + "s")"
    }
}
