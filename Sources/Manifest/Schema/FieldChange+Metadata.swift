import JSONText
import Primitives

extension FieldChange {
    /// What differs in an object's labels and annotations, by name; they take effect at once.
    ///
    /// Texts are compared by their bytes.
    public static func inMetadata(
        labels: (old: [String: String], new: [String: String]),
        annotations: (old: [String: String], new: [String: String])
    ) -> [FieldChange] {
        changes("labels", from: labels.old, to: labels.new)
            + changes("annotations", from: annotations.old, to: annotations.new)
    }

    private static func changes(
        _ member: String, from old: [String: String], to new: [String: String]
    ) -> [FieldChange] {
        Set(old.keys).union(new.keys).sorted { $0.precedesByBytes($1) }.compactMap { name in
            let (before, after) = (old[name], new[name])
            if let before, let after, before.utf8.elementsEqual(after.utf8) { return nil }
            return FieldChange(
                path: JSONPath(keys: "metadata", member, name), old: before.map { .string($0) },
                new: after.map { .string($0) }, update: .live)
        }
    }
}
