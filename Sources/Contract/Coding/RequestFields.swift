import JSONText
import Primitives

// Members of the bodies of this API's own requests. A member of a wrong type, or of a name that is not known, is the
// client's mistake: what it meant is not guessed, and not done without it either.
extension JSON {
    /// A body that is an object, or nothing.
    ///
    /// - Throws: ``APIStatus`` of reason `badRequest`, also for a member that is none of these.
    func fields(_ known: [String]) throws(APIStatus) -> JSON {
        guard isNull || object != nil else {
            throw APIStatus(.badRequest, "the body must be an object, found \(typeDescription)")
        }
        try refuseMembers(besides: known + WriteIdentity.members)
        return self
    }

    /// - Throws: ``APIStatus`` of reason `badRequest` for a member of another name.
    func refuseMembers(besides known: [String]) throws(APIStatus) {
        for member in object ?? JSONObject() where !known.containsBytes(of: member.key) {
            throw APIStatus(
                .badRequest,
                "strict decoding error: unknown field \"\(member.key)\"; known are "
                    + known.sorted().joined(separator: ", "))
        }
    }

    /// A member that is text; nil where it is missing or null.
    func text(_ name: String) throws(APIStatus) -> String? {
        guard let value = self[name], !value.isNull else { return nil }
        guard let text = value.string else {
            throw APIStatus(.badRequest, "\(name): must be a text, found \(value.typeDescription)")
        }
        return text
    }

    /// A member that is true or false; false where it is missing or null.
    func flag(_ name: String) throws(APIStatus) -> Bool {
        guard let value = self[name], !value.isNull else { return false }
        guard let flag = value.bool else {
            throw APIStatus(.badRequest, "\(name): must be true or false, found \(value.typeDescription)")
        }
        return flag
    }

    /// A member that is an object; nil where it is missing or null.
    func nested(_ name: String) throws(APIStatus) -> JSON? {
        guard let value = self[name], !value.isNull else { return nil }
        guard value.object != nil else {
            throw APIStatus(.badRequest, "\(name): must be an object, found \(value.typeDescription)")
        }
        return value
    }

    /// A member that is true or false; nil where it is missing or null.
    func optionalFlag(_ name: String) throws(APIStatus) -> Bool? {
        guard let value = self[name], !value.isNull else { return nil }
        return try flag(name)
    }

    /// A member that is a whole number, or a text that holds one; nil where it is missing or null.
    func counter(_ name: String) throws(APIStatus) -> UInt64? {
        guard let value = self[name], !value.isNull else { return nil }
        guard let number = value.integer.flatMap({ UInt64(exactly: $0) }) ?? value.string.flatMap({ UInt64($0) }) else {
            throw APIStatus(.badRequest, "\(name): must be a whole number")
        }
        return number
    }

    /// A member that is an array of texts; empty where it is missing or null.
    func texts(_ name: String) throws(APIStatus) -> [String] {
        guard let value = self[name], !value.isNull else { return [] }
        let texts = value.array?.compactMap(\.string)
        guard let texts, texts.count == value.array?.count else {
            throw APIStatus(.badRequest, "\(name): must be an array of texts")
        }
        return texts
    }
}
