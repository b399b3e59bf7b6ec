import Journal
import Raft

/// The lines of `journal inspect`.
struct JournalText {
    private(set) var text = ""

    init(_ inspection: JournalInspection, listsEntries: Bool) {
        facts(inspection)
        section("Segments", segments(inspection))
        section("Snapshots", snapshots(inspection))
        if listsEntries { section("Entries", entries(inspection)) }
        guard !inspection.problems.isEmpty else { return }
        text += "\nProblems:\n"
        for problem in inspection.problems { text += "  \(problem)\n" }
    }

    private mutating func facts(_ inspection: JournalInspection) {
        var rows = [["Journal:", inspection.directory]]
        if let identity = inspection.identity {
            rows.append(["Cluster:", identity.clusterID])
            rows.append(["Node:", "\(identity.nodeID), incarnation \(identity.incarnation)"])
        }
        rows.append(["Held by:", JournalVerdict.holder(inspection)])
        if let recovered = inspection.recovered {
            let state = recovered.hardState
            rows.append(["Term:", "\(state.term)"])
            rows.append(["Vote:", state.vote.map { "node \($0)" } ?? "<none>"])
            rows.append(["Commit:", "\(state.commit)"])
            rows.append(["Log:", Self.log(recovered)])
        }
        rows.append(["Next start:", JournalVerdict.nextStart(inspection)])
        text += TableText.render(rows)
    }

    private static func log(_ recovered: RecoveredJournal) -> String {
        let base = recovered.snapshot.map { " after the snapshot of index \($0.snapshot.index)" } ?? ""
        guard let first = recovered.entries.first, let last = recovered.entries.last else {
            return "no entries" + base
        }
        return "entries \(first.index) to \(last.index)" + base
    }

    private mutating func section(_ title: String, _ rows: [[String]]) {
        text += "\n\(title):\n"
        guard rows.count > 1 else {
            text += "  <none>\n"
            return
        }
        for line in TableText.render(rows).split(separator: "\n") { text += "  \(line)\n" }
    }

    private func segments(_ inspection: JournalInspection) -> [[String]] {
        [["FILE", "SEQUENCE", "BATCHES", "SEALS", "ENTRIES", "INDEXES", "TERMS", "USED", "SIZE", "END"]]
            + inspection.segments.map { segment in
                [
                    Self.name(segment.file), "\(segment.sequence)", "\(segment.batches)", "\(segment.seals)",
                    "\(segment.entries)", Self.range(segment.indexes), Self.range(segment.terms),
                    "\(segment.usedBytes)", "\(segment.segmentBytes)", Self.ending(segment.ending),
                ]
            }
    }

    private func snapshots(_ inspection: JournalInspection) -> [[String]] {
        [["FILE", "INDEX", "TERM", "VOTERS", "LEARNERS", "BYTES", "STATE HASH", "STATUS"]]
            + inspection.snapshots.map { snapshot in
                [
                    Self.name(snapshot.file), "\(snapshot.position.index)", "\(snapshot.position.term)",
                    snapshot.confState.map { Self.nodes($0.voters) } ?? "?",
                    snapshot.confState.map { Self.nodes($0.learners) } ?? "?", snapshot.bytes.map(String.init) ?? "?",
                    snapshot.stateHash.map(JournalInspection.hashText) ?? "?", Self.status(snapshot),
                ]
            }
    }

    private func entries(_ inspection: JournalInspection) -> [[String]] {
        [["INDEX", "TERM", "KIND", "BYTES", "BATCH", "FILE", "OFFSET", "STATUS"]]
            + inspection.entries.map { entry in
                [
                    "\(entry.index)", "\(entry.term)", entry.kind.text, "\(entry.bytes)", "\(entry.batch)",
                    Self.name(entry.file), "\(entry.offset)", entry.isReplaced ? "replaced" : "current",
                ]
            }
    }

    private static func name(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    private static func range(_ range: ClosedRange<UInt64>?) -> String {
        guard let range else { return "<none>" }
        return range.lowerBound == range.upperBound ? "\(range.lowerBound)" : "\(range.lowerBound)..\(range.upperBound)"
    }

    private static func ending(_ ending: JournalInspection.Segment.Ending) -> String {
        switch ending {
        case .clean: "clean"
        case .torn(let bytes): "\(bytes) bytes of an unfinished write"
        case .damaged(let reason): "damaged: \(reason)"
        }
    }

    private static func nodes(_ nodes: [NodeID]) -> String {
        nodes.isEmpty ? "<none>" : nodes.map { "\($0)" }.joined(separator: ",")
    }

    private static func status(_ snapshot: JournalInspection.SnapshotSummary) -> String {
        switch (snapshot.problem == nil, snapshot.isRecorded) {
        case (true, true): "sound"
        case (true, false): "not in the log, removed by the next start"
        case (false, true): "damaged"
        case (false, false): "unreadable and not in the log, removed by the next start"
        }
    }
}

extension Entry.Kind {
    /// For people and for JSON.
    var text: String {
        switch self {
        case .normal: "normal"
        case .membershipV1: "membershipV1"
        case .membership: "membership"
        }
    }
}
