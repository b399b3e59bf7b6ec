/// The differences of two texts as `diff -u` writes them, with three lines around each.
struct UnifiedDiff {
    enum Line: Equatable {
        case header(String)
        case same(String)
        case removed(String)
        case added(String)

        var text: String {
            switch self {
            case .header(let text): text
            case .same(let text): " " + text
            case .removed(let text): "-" + text
            case .added(let text): "+" + text
            }
        }
    }

    private static let context = 3

    /// None if the texts are equal.
    private(set) var lines: [Line] = []

    /// - Parameters:
    ///   - old: In lines; empty for what is not there.
    ///   - name: Stands in both heads, after what each text is.
    init(_ old: [String], _ new: [String], name: String, from: String = "live", to: String = "applied") {
        guard old != new else { return }
        let edits = Self.edits(old, new)
        lines = [.header("--- \(from)/\(name)"), .header("+++ \(to)/\(name)")]
        var start = 0
        while let first = edits[start...].firstIndex(where: { !$0.isSame }) {
            let begin = max(start, first - Self.context)
            var end = first
            var last = first
            while end < edits.count, end - last <= 2 * Self.context {
                if !edits[end].isSame { last = end }
                end += 1
            }
            end = min(edits.count, last + Self.context + 1)
            lines.append(.header(Self.head(edits, begin, end)))
            lines += edits[begin..<end]
            start = end
        }
    }

    private static func head(_ edits: [Line], _ begin: Int, _ end: Int) -> String {
        func count(_ part: ArraySlice<Line>, _ isOld: Bool) -> Int {
            part.count { line in
                switch line {
                case .same: true
                case .removed: isOld
                case .added: !isOld
                case .header: false
                }
            }
        }
        func range(_ isOld: Bool) -> String {
            let before = count(edits[..<begin], isOld)
            let length = count(edits[begin..<end], isOld)
            return "\(length == 0 ? before : before + 1),\(length)"
        }
        return "@@ -\(range(true)) +\(range(false)) @@"
    }

    /// Both texts as one list, by the fewest edits.
    private static func edits(_ old: [String], _ new: [String]) -> [Line] {
        let difference = new.difference(from: old)
        var removed: Set<Int> = []
        var added: Set<Int> = []
        for change in difference {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): added.insert(offset)
            }
        }
        var lines: [Line] = []
        var (x, y) = (0, 0)
        while x < old.count || y < new.count {
            if x < old.count, removed.contains(x) {
                lines.append(.removed(old[x]))
                x += 1
            } else if y < new.count, added.contains(y) {
                lines.append(.added(new[y]))
                y += 1
            } else {
                lines.append(.same(old[x]))
                (x, y) = (x + 1, y + 1)
            }
        }
        return lines
    }
}

extension UnifiedDiff.Line {
    fileprivate var isSame: Bool {
        if case .same = self { true } else { false }
    }
}
