import Primitives

/// Lays out tables as kubectl does: columns as wide as their widest cell, three spaces between them, nothing behind the
/// last one.
struct TableText {
    /// The least width of each column; grows with what is printed, so that later rows of a watch stay in line.
    private(set) var widths: [Int] = []

    static let gap = 3

    /// The rows as lines, each with its line feed.
    mutating func lines(_ rows: [[String]]) -> String {
        let rows = rows.map { $0.map(\.harmless) }
        for row in rows {
            while widths.count < row.count { widths.append(0) }
            for (column, cell) in row.enumerated() { widths[column] = max(widths[column], cell.count) }
        }
        var text = ""
        for row in rows {
            for (column, cell) in row.enumerated() {
                text += cell
                if column < row.count - 1 {
                    text += String(repeating: " ", count: widths[column] - cell.count + Self.gap)
                }
            }
            text += "\n"
        }
        return text
    }

    /// One table at once.
    static func render(_ rows: [[String]]) -> String {
        var table = TableText()
        return table.lines(rows)
    }
}
