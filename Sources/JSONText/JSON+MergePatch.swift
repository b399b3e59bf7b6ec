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
}
