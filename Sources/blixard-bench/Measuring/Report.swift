import ArgumentParser

/// What came of a benchmark.
struct Report {
    private struct Row {
        var label: String
        var unit: String
        var samples: Samples
    }

    private var rows: [Row] = []
    private var facts: [(name: String, value: String)] = []
    private var goals: [(text: String, isMet: Bool)] = []

    mutating func add(_ label: String, _ unit: String, _ samples: Samples) {
        rows.append(Row(label: label, unit: unit, samples: samples))
    }

    /// One value without a spread.
    mutating func add(_ name: String, _ value: String) {
        facts.append((name, value))
    }

    /// What the figure should be, and what it is.
    mutating func goal(_ text: String, _ value: String, isMet: Bool) {
        goals.append(("\(text): \(value)", isMet))
    }

    func text(of benchmark: any Benchmark.Type, in place: Workplace) -> String {
        var lines = [
            "== \(benchmark.configuration.commandName ?? "")\(place.isSmoke ? " (smoke: no figure counts)" : "")",
            "machine: \(MachineFacts.text), data on \(Files.fileSystem(of: place.directory))",
            "method:  \(benchmark.method)",
        ]
        if !rows.isEmpty {
            let header = ["", "n", "min", "p10", "median", "p90", "p99", "max", ""]
            let cells = rows.map { row in
                [
                    row.label, String(row.samples.count), Self.number(row.samples.minimum),
                    Self.number(row.samples.quantile(0.1)), Self.number(row.samples.median),
                    Self.number(row.samples.quantile(0.9)), Self.number(row.samples.quantile(0.99)),
                    Self.number(row.samples.maximum), row.unit,
                ]
            }
            lines += PlainTable.lines([header] + cells, rightAligned: 1..<8)
        }
        lines += PlainTable.lines(facts.map { [$0.name, $0.value] }, rightAligned: 0..<0)
        for goal in goals {
            lines.append("goal:    \(goal.text)\(place.isSmoke ? "" : goal.isMet ? "  met" : "  MISSED")")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Three significant digits, or the whole part.
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return "-" }
        let digits = abs(value) >= 100 ? 0 : abs(value) >= 10 ? 1 : abs(value) >= 1 ? 2 : 3
        let scale = [1.0, 10, 100, 1000][digits]
        let scaled = Int((abs(value) * scale).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard digits > 0 else { return sign + String(scaled) }
        let fraction = String(scaled % Int(scale))
        return "\(sign)\(scaled / Int(scale))." + String(repeating: "0", count: digits - fraction.count) + fraction
    }
}

/// Columns for a terminal.
enum PlainTable {
    static func lines(_ rows: [[String]], rightAligned: Range<Int>) -> [String] {
        guard let columns = rows.map(\.count).max() else { return [] }
        let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.indices.map { column in
                let padding = String(repeating: " ", count: widths[column] - row[column].count)
                return rightAligned.contains(column) ? padding + row[column] : row[column] + padding
            }
            var line = cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
