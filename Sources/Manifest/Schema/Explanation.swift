import JSONText
import Primitives

/// What `explain` prints of a kind or of one of its fields, all of it from the kind's schema.
public struct Explanation: Hashable, Sendable, CustomStringConvertible {
    /// Lines with a line feed after each.
    public let text: String

    public var description: String { text }

    /// - Parameters:
    ///   - words: A kind by any spelling and a field: `vm.spec.memory`, `nodes`, `vm.spec.disks.size`.
    ///   - recursive: Whether fields of fields are listed too.
    /// - Throws: For a kind or a field that there is not, and for a kind without a schema.
    public init(of words: String, recursive: Bool) throws(ExplanationError) {
        let parts = words.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard let kind = KindInfo.named(parts[0]) else { throw .unknownKind(parts[0]) }
        guard let schema = KindSchema.of(kind) else { throw .noSchema(kind) }
        var field = schema.document
        var update: UpdateClass?
        for (index, part) in parts.enumerated().dropFirst() {
            // An index in brackets says nothing here: all elements are alike.
            let name = String(part.prefix { $0 != "[" })
            let holder = field.keywords.items ?? field
            guard let next = holder.property(name) else {
                throw .unknownField(
                    parts[...index].joined(separator: "."), name: name, known: holder.keywords.properties.map(\.name))
            }
            field = next
            update = field.keywords.update ?? update
        }
        var page = Page()
        page.heading(kind)
        if parts.count > 1 { page.field(parts[parts.count - 1], field, update: update) }
        page.body(field, recursive: recursive)
        text = page.text
    }
}

/// Why there is nothing to explain.
public enum ExplanationError: Error, Hashable, Sendable, CustomStringConvertible {
    case unknownKind(String)
    /// Users write no objects of this kind.
    case noSchema(KindInfo)
    case unknownField(String, name: String, known: [String])

    public var description: String {
        switch self {
        case .unknownKind(let word):
            return "the server doesn't have a resource type \"\(word)\""
        case .noSchema(let kind):
            return "\(kind.plural) are written by the cluster alone and have no schema"
        case .unknownField(let path, let name, let known):
            if let near = EditDistance.nearest(to: name, among: known) {
                return "field \"\(path)\" does not exist, did you mean \"\(near)\"?"
            }
            let fields = known.isEmpty ? "it has no fields" : "known fields: " + known.sorted().joined(separator: ", ")
            return "field \"\(path)\" does not exist: \(fields)"
        }
    }
}
