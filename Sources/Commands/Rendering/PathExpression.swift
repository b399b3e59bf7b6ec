import JSONText

/// One path of kubectl's JSONPath: `.metadata.name`, `.items[*].spec['a.b']`, `..image`, `.list[?(@.type=="Ready")]`.
struct PathExpression: Equatable {
    enum Step: Equatable {
        case key(String)
        case everything
        /// Counted from the end if negative.
        case index(Int)
        /// Every value below, this one too.
        case descent
        /// Elements whose value at the path compares so.
        indirect case filter(path: PathExpression, comparison: String, value: JSON?)
    }

    var steps: [Step]

    /// All values that the path leads to, in the order of the document.
    func values(in root: JSON) -> [JSON] {
        steps.reduce([root]) { values, step in values.flatMap { Self.follow(step, from: $0) } }
    }

    private static func follow(_ step: Step, from value: JSON) -> [JSON] {
        switch step {
        case .key(let key): return value[key].map { [$0] } ?? []
        case .everything:
            switch value {
            case .array(let elements): return elements
            case .object(let object): return object.members.map(\.value)
            default: return []
            }
        case .index(let index):
            guard let elements = value.array else { return [] }
            return value[index < 0 ? elements.count + index : index].map { [$0] } ?? []
        case .descent: return [value] + follow(.everything, from: value).flatMap { follow(.descent, from: $0) }
        case .filter(let path, let comparison, let expected):
            return (value.array ?? []).filter { element in
                guard let found = path.values(in: element).first else { return false }
                guard let expected else { return true }
                return compare(found, comparison, expected)
            }
        }
    }

    private static func compare(_ left: JSON, _ comparison: String, _ right: JSON) -> Bool {
        switch comparison {
        case "==": return left == right
        case "!=": return left != right
        default:
            guard let left = left.double, let right = right.double else { return false }
            return switch comparison {
            case "<": left < right
            case "<=": left <= right
            case ">": left > right
            default: left >= right
            }
        }
    }

    /// What a value looks like in a template: strings without quotes, everything else as JSON.
    static func text(_ value: JSON) -> String { value.string ?? value.compactText }
}
