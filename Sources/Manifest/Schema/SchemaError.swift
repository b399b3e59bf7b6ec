import JSONText

/// Why a text is no schema that this program can check documents by: a mistake in the program's own schemas.
struct SchemaError: Error, Hashable, Sendable, CustomStringConvertible {
    let path: JSONPath
    let problem: String

    var description: String { "schema \(path.pointer.isEmpty ? "/" : path.pointer): \(problem)" }
}
