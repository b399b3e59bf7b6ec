import JSONText
import Primitives

/// A JSON Schema (draft 2020-12) as far as ours use it: references resolved, nothing unknown in it.
///
/// Beside the standard words it knows `x-blixard-key` (the member that tells elements of an array apart),
/// `x-blixard-minimum` and `x-blixard-maximum` (the least and the largest quantity), `x-blixard-max-bytes` (the most
/// bytes of all keys and values of a map of strings), `x-blixard-reference` (the kind of object that a string names),
/// `x-blixard-update` (what a change of the field asks of a running machine; for an array with a key: what a removed
/// element asks) and `x-blixard-update-added` (what a new element asks). `pattern` is for editors: it may stand only
/// beside a `format` that says the same, and that is what is checked.
///
/// In two things it is stricter than the standard: `maxLength` counts bytes, because bytes are what is stored and what
/// a kernel takes, and a whole number beyond 64 bits is no `integer`.
final class Schema: Sendable {
    enum ValueType: String, Sendable, CaseIterable {
        case object, array, string, integer, boolean
    }

    enum AdditionalProperties: Sendable {
        case allowed
        case forbidden
        case each(Schema)
    }

    struct Property: Sendable {
        let name: String
        let schema: Schema
    }

    /// What stands in the schema text, keyword by keyword.
    struct Keywords: Sendable {
        /// The schema `false`: nothing is valid.
        var refusesAll = false
        var title: String?
        var description: String?
        var type: ValueType?
        var properties: [Property] = []
        var required: [String] = []
        var additionalProperties = AdditionalProperties.allowed
        var propertyNames: Schema?
        var maxProperties: Int?
        var maxBytes: Int?
        /// The values of `enum`, or the one of `const`.
        var choices: [JSON]?
        var minimum: Int64?
        var maximum: Int64?
        var minLength: Int?
        var maxLength: Int?
        var format: ValueFormat?
        /// What editors check a string by; `format` says the same, and more.
        var pattern: String?
        var minimumQuantity: Quantity?
        var maximumQuantity: Quantity?
        var items: Schema?
        var minItems: Int?
        var maxItems: Int?
        var elementKey: String?
        /// The kind of the object that the string names.
        var reference: KindInfo?
        var oneOf: [Schema] = []
        var defaultValue: JSON?
        var update: UpdateClass?
        var updateWhenAdded: UpdateClass?
    }

    let keywords: Keywords
    private let propertiesByName: [ExactText: Schema]

    init(_ keywords: Keywords) {
        self.keywords = keywords
        propertiesByName = Dictionary(uniqueKeysWithValues: keywords.properties.map { (ExactText($0.name), $0.schema) })
    }

    /// The schema of a member, be it named or one of the others; nil if there is none.
    func property(_ name: String) -> Schema? {
        if let schema = propertiesByName[ExactText(name)] { return schema }
        if case .each(let schema) = keywords.additionalProperties { return schema }
        return nil
    }

    /// Whether members of any name are allowed.
    var isMap: Bool {
        if case .each = keywords.additionalProperties { true } else { false }
    }

    /// The schema of the field at a path; indexes and the steps into arrays may be left out. Nil if there is no such
    /// field.
    func field(at path: JSONPath) -> Schema? {
        var schema = self
        for step in path.steps {
            switch step {
            case .index:
                guard let items = schema.keywords.items else { return nil }
                schema = items
            case .key(let name):
                guard let property = schema.property(name) ?? schema.keywords.items?.property(name) else { return nil }
                schema = property
            }
        }
        return schema
    }
}
