/// A column of a table that the server renders (conventions: first NAME, last AGE, no spaces in a cell).
struct TableColumn: Equatable {
    enum Kind: String {
        case string
        case integer
    }

    /// As it is printed, but for case: `Last-Seen`.
    let name: String
    let kind: Kind
    let description: String
    /// Only shown with `-o wide`.
    let isWide: Bool

    static func narrow(_ name: String, _ description: String) -> TableColumn {
        TableColumn(name: name, kind: .string, description: description, isWide: false)
    }

    static func wide(_ name: String, _ description: String) -> TableColumn {
        TableColumn(name: name, kind: .string, description: description, isWide: true)
    }

    func append(to output: inout JSONOutput) {
        output.beginObject()
        output.key("name")
        output.string(name)
        output.key("type")
        output.string(kind.rawValue)
        output.key("format")
        // kubectl keeps the column of this format apart, to put the kind before it.
        output.string(name == "Name" ? "name" : "")
        output.key("description")
        output.string(description)
        output.key("priority")
        output.integer(isWide ? 1 : 0)
        output.endObject()
    }
}

/// What stands in a cell where there is nothing, or nothing that is known.
enum CellText {
    static let none = "<none>"
    static let unknown = "<unknown>"
    static let pending = "<pending>"
}
