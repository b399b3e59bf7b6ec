import Primitives

/// Which name and namespace an object must have: `metadata.name=web,metadata.namespace!=default`.
public struct FieldSelector: Hashable, Sendable, CustomStringConvertible {
    public enum Field: String, Hashable, Sendable, CaseIterable {
        case name = "metadata.name"
        case namespace = "metadata.namespace"
    }

    public struct Requirement: Hashable, Sendable {
        public let field: Field
        public let value: String
        /// Whether the field must have the value, or must not.
        public let equal: Bool

        public init(field: Field, value: String, equal: Bool) {
            self.field = field
            self.value = value
            self.equal = equal
        }
    }

    public var requirements: [Requirement]

    public init(requirements: [Requirement]) {
        self.requirements = requirements
    }

    /// Reads `field=value`, `field==value` and `field!=value`, separated by commas; empty text requires nothing.
    ///
    /// - Throws: For a part without `=`, and for a field that can't be selected by.
    public init(_ text: String) throws(SelectorError) {
        var requirements: [Requirement] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: true) {
            let equals = part.firstIndex(of: "=")
            guard let equals else {
                throw SelectorError(selector: text, problem: "\"\(part)\" must be a field, '=' or '!=', and a value")
            }
            var field = part[..<equals]
            let negated = field.last == "!"
            if negated { field.removeLast() }
            var value = part[part.index(after: equals)...]
            if !negated, value.first == "=" { value.removeFirst() }
            guard let field = Field(rawValue: String(field)) else {
                let known = Field.allCases.map(\.rawValue).joined(separator: ", ")
                throw SelectorError(
                    selector: text, problem: "field label not supported: \"\(field)\": supported values: \(known)")
            }
            requirements.append(Requirement(field: field, value: String(value), equal: !negated))
        }
        self.requirements = requirements
    }

    public func matches(_ key: ObjectKey) -> Bool {
        requirements.allSatisfy { requirement in
            let value =
                switch requirement.field {
                case .name: key.name
                case .namespace: key.namespace
                }
            return value.hasSameBytes(as: requirement.value) == requirement.equal
        }
    }

    public var description: String {
        requirements.map { "\($0.field.rawValue)\($0.equal ? "=" : "!=")\($0.value)" }.joined(separator: ",")
    }
}
