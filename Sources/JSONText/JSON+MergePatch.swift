extension JSON {
    /// This value changed by a JSON merge patch (RFC 7386): members of the patch replace, `null` removes, objects are
    /// merged, everything else is taken whole.
    public func applying(mergePatch patch: JSON) -> JSON {
        guard case .object(let changes) = patch else { return patch }
        var result = object ?? JSONObject()
        for change in changes {
            if change.value.isNull {
                result[change.key] = nil
            } else {
                result[change.key] = (result[change.key] ?? .null).applying(mergePatch: change.value)
            }
        }
        return .object(result)
    }

    /// The merge patch that makes another value of this one: of two objects what differs, else the other value whole.
    ///
    /// A merge patch can't say that a member of an object is `null`, so such a member comes out as none.
    public func mergePatch(to other: JSON) -> JSON {
        guard case .object(let before) = self, case .object(let after) = other else { return other }
        var patch = JSONObject()
        for member in before where !after.contains(member.key) { patch[member.key] = .some(.null) }
        for member in after {
            guard let old = before[member.key] else {
                patch[member.key] = member.value
                continue
            }
            if old != member.value { patch[member.key] = old.mergePatch(to: member.value) }
        }
        return .object(patch)
    }

    /// Whether two merge patches of one value want different things of some place in it.
    public static func contradict(_ left: JSON, _ right: JSON) -> Bool {
        guard case .object(let one) = left, case .object(let two) = right else { return left != right }
        return one.contains { member in two[member.key].map { contradict(member.value, $0) } ?? false }
    }
}
