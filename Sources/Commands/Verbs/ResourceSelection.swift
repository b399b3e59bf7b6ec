import Manifest
import Primitives

/// What the words after a verb name: objects of one kind, all of them or some by name.
struct ResourceSelection: Equatable {
    var kind: KindInfo
    /// Empty for all objects of the kind.
    var names: [String]

    /// Reads `TYPE`, `TYPE NAME...`, `TYPE1,TYPE2 NAME...` and `TYPE/NAME...`.
    static func parse(_ words: [String]) throws -> [ResourceSelection] {
        guard let first = words.first else {
            throw CommandFailure.error(
                "You must specify the type of resource to ask for. Use \"blixard api-resources\" for a complete list "
                    + "of supported resources.")
        }
        if words.contains(where: { $0.contains("/") }) { return try slashed(words) }
        let names = Array(words.dropFirst())
        guard !words.contains("") else {
            throw CommandFailure.error("resource name may not be empty: found \"\(words.joined(separator: " "))\"")
        }
        return try kinds(first).map { ResourceSelection(kind: $0, names: names) }
    }

    /// Exactly one object: `TYPE/NAME` or `TYPE NAME`.
    static func single(_ words: [String]) throws -> (kind: KindInfo, name: String) {
        let selections = try parse(words)
        guard selections.count == 1, selections[0].names.count == 1 else {
            throw CommandFailure.error(
                "exactly one object is needed, as TYPE/NAME or TYPE NAME; found \"\(words.joined(separator: " "))\"")
        }
        return (selections[0].kind, selections[0].names[0])
    }

    private static func slashed(_ words: [String]) throws -> [ResourceSelection] {
        var selections: [ResourceSelection] = []
        for word in words {
            let parts = word.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
                throw CommandFailure.error(
                    "there is no need to specify a resource type as a separate argument when passing arguments in "
                        + "resource/name form (e.g. 'blixard get resource/<resource_name>' instead of "
                        + "'blixard get resource resource/<resource_name>'): found \"\(word)\"")
            }
            let kind = try KindInfo.parse(String(parts[0]))
            if let position = selections.firstIndex(where: { $0.kind == kind }) {
                selections[position].names.append(String(parts[1]))
            } else {
                selections.append(ResourceSelection(kind: kind, names: [String(parts[1])]))
            }
        }
        return selections
    }

    private static func kinds(_ text: String) throws -> [KindInfo] {
        var kinds: [KindInfo] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            let kind = try word == "all" ? .virtualMachine : KindInfo.parse(String(word))
            if !kinds.contains(kind) { kinds.append(kind) }
        }
        return kinds
    }
}

extension KindInfo {
    /// The kind of a word on the command line; the error names what is near.
    static func parse(_ word: String) throws -> KindInfo {
        if let kind = named(word) { return kind }
        let near = EditDistance.nearest(to: word, among: all.flatMap(\.spellings))
        throw CommandFailure.error(
            "the server doesn't have a resource type \"\(word)\"" + (near.map { "; did you mean \"\($0)\"?" } ?? ""))
    }

    /// The namespace of an object of this kind when that one was asked for.
    func namespace(_ namespace: String) -> String { namespaced ? namespace : "" }
}
