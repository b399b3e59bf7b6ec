import JSONText

/// One column of `-o custom-columns=NAME:.metadata.name,...`.
struct CustomColumn: Equatable {
    let header: String
    let path: PathExpression

    static func parse(_ text: String) throws -> [CustomColumn] {
        guard !text.isEmpty else {
            throw CommandFailure.error("custom-columns format specified but no custom columns given")
        }
        return try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            let pair = part.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, !pair[0].isEmpty, !pair[1].isEmpty else {
                throw CommandFailure.error(
                    "unexpected custom-columns spec: \(part), expected <header>:<json-path-expr>")
            }
            return CustomColumn(header: String(pair[0]), path: try PathExpression(String(pair[1])))
        }
    }

    static func rows(_ columns: [CustomColumn], of objects: [JSON]) -> [[String]] {
        objects.map { object in
            columns.map { column in
                let values = column.path.values(in: object)
                return values.isEmpty ? "<none>" : values.map(PathExpression.text).joined(separator: ",")
            }
        }
    }
}
