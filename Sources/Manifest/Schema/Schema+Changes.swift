import JSONText
import Primitives

extension Schema {
    /// The fields in which two values differ, in the order of the schema; a missing value counts as its default.
    func changes(from old: JSON?, to new: JSON?, at path: JSONPath, inherited: UpdateClass) -> [FieldChange] {
        let old = (old ?? keywords.defaultValue).map(normalForm)
        let new = (new ?? keywords.defaultValue).map(normalForm)
        if old == new { return [] }
        let update = keywords.update ?? inherited
        switch (old, new) {
        case (.object(let before)?, .object(let after)?) where !keywords.properties.isEmpty || isMap:
            return memberChanges(from: before, to: after, at: path, inherited: update)
        case (.array(let before)?, .array(let after)?):
            if let key = keywords.elementKey, let items = keywords.items {
                return elementChanges(from: before, to: after, key: key, items: items, at: path, update: update)
            }
        default: break
        }
        return [FieldChange(path: path, old: old, new: new, update: update)]
    }

    private func memberChanges(
        from before: JSONObject, to after: JSONObject, at path: JSONPath, inherited: UpdateClass
    ) -> [FieldChange] {
        let named = keywords.properties.map(\.name)
        let others = Set((before.keys + after.keys).map(ExactText.init)).subtracting(named.map(ExactText.init)).sorted()
        return (named + others.map(\.text)).flatMap { name -> [FieldChange] in
            let place = path.appending(name)
            if let schema = property(name) {
                return schema.changes(from: before[name], to: after[name], at: place, inherited: inherited)
            }
            if before[name] == after[name] { return [] }
            return [FieldChange(path: place, old: before[name], new: after[name], update: .recreate)]
        }
    }

    /// Elements are told apart by their key, so that a removed one does not make all that follow look changed.
    private func elementChanges(
        from before: [JSON], to after: [JSON], key: String, items: Schema, at path: JSONPath, update: UpdateClass
    ) -> [FieldChange] {
        let added = keywords.updateWhenAdded ?? update
        let old = before.map { ExactText($0[key]?.string ?? "") }
        let new = after.map { ExactText($0[key]?.string ?? "") }
        if old.filter(new.contains) != new.filter(old.contains) {
            // The guest sees another order of devices.
            return [FieldChange(path: path, old: .array(before), new: .array(after), update: max(update, added))]
        }
        var changes: [FieldChange] = []
        for (index, name) in old.enumerated() where !new.contains(name) {
            changes.append(FieldChange(path: path.appending(index), old: before[index], new: nil, update: update))
        }
        for (index, name) in new.enumerated() {
            let place = path.appending(index)
            if let earlier = old.firstIndex(of: name) {
                changes += items.changes(from: before[earlier], to: after[index], at: place, inherited: update)
            } else {
                changes.append(FieldChange(path: place, old: nil, new: after[index], update: added))
            }
        }
        return changes
    }
}

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
