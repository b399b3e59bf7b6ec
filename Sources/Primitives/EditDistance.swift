/// How far two words are apart, to suggest which one was meant.
public enum EditDistance {
    /// The least number of insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
    public static func between(_ left: String, _ right: String) -> Int {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        var rows = [Array(0...right.count)]
        for i in stride(from: 1, through: left.count, by: 1) {
            var row = [i] + Array(repeating: 0, count: right.count)
            for j in stride(from: 1, through: right.count, by: 1) {
                let replaced = rows[i - 1][j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1)
                row[j] = min(rows[i - 1][j] + 1, row[j - 1] + 1, replaced)
                if i > 1, j > 1, left[i - 1] == right[j - 2], left[i - 2] == right[j - 1] {
                    row[j] = min(row[j], rows[i - 2][j - 2] + 1)
                }
            }
            rows.append(row)
        }
        return rows[left.count][right.count]
    }

    /// The candidate nearest to `word`, if it is near enough to be a slip; the first of equally near ones in order.
    public static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
        let limit = max(1, word.utf8.count / 3)
        let lowered = word.lowercased()
        var best: (candidate: String, distance: Int)?
        for candidate in candidates.sorted() {
            let other = candidate.lowercased()
            // As many letters are missing at least. A word of megabytes is never measured against a short one.
            guard abs(lowered.utf8.count - other.utf8.count) <= limit else { continue }
            let distance = between(lowered, other)
            if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.candidate
    }
}
