import Contract
import Manifest
import Primitives

/// What the verbs on one type ask for, as the API's routes judge them.
struct Permission {
    let resource: String
    let verbs: [(word: String, right: CallerRight)]

    private static let reading = ["get", "list", "watch"].map { ($0, CallerRight.read) }
    private static let writing = ["create", "update", "patch", "delete"].map { ($0, CallerRight.write) }

    /// Of every type: the kinds of objects, and what is no object.
    static let all: [Permission] =
        KindInfo.all.map { kind in
            var verbs = reading
            if !kind.isReadOnly { verbs += writing }
            switch kind {
            case .virtualMachine: verbs += [("logs", .read), ("start", .relay), ("restart", .relay)]
            case .node: verbs += [("remove", .administer)]
            default: break
            }
            return Permission(resource: kind.plural, verbs: verbs.map { (word: $0.0, right: $0.1) })
        } + [
            Permission(
                resource: "grants", verbs: [("list", .administer), ("create", .administer), ("delete", .administer)]),
            Permission(resource: "tickets", verbs: [("create", .administer)]),
        ]

    /// The right that a verb on a type needs.
    ///
    /// - Throws: For words that are no verb and type, or a verb that the type does not have.
    static func right(toDo words: [String]) throws -> CallerRight {
        guard (2...3).contains(words.count) else {
            throw CommandFailure.error("you must specify two arguments: verb resource or verb resource/resourceName")
        }
        let parts = words[1].split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 1 || parts.count == 2 && words.count == 2 && !parts.contains("") else {
            throw CommandFailure.error("\"\(words[1])\" is no type, and no TYPE/NAME")
        }
        let resource = try all.contains { $0.resource == parts[0] } ? parts[0] : KindInfo.parse(parts[0]).plural
        guard let permission = all.first(where: { $0.resource == resource }) else {
            preconditionFailure("the kind \(resource) has no verbs")
        }
        guard let verb = permission.verbs.first(where: { $0.word == words[0].lowercased() }) else {
            throw CommandFailure.error(
                "\"\(words[0])\" is no verb of \(resource): there are "
                    + permission.verbs.map(\.word).joined(separator: ", "))
        }
        return verb.right
    }
}
