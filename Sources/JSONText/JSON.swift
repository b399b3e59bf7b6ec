/// A JSON value (RFC 8259).
///
/// Whole numbers within 64 bits are `integer`, however they were written (`1`, `1.0`, `1e0`); every other number is an
/// exact decimal, so that nothing is lost between reading and writing, and neither NaN nor infinity can be said.
/// Two objects are equal when they have equal members in any order, and two strings when they have the same bytes:
/// equal values have equal canonical texts.
public enum JSON: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(JSONNumber)
    case string(String)
    case array([JSON])
    case object(JSONObject)

    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    public var integer: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// The nearest `Double` of any number; nil beyond its range.
    public var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let number): number.double
        default: nil
        }
    }

    public var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    public var array: [JSON]? {
        if case .array(let value) = self { value } else { nil }
    }

    public var object: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// What an error calls this value: `null`, `a boolean`, `a number`, `a string`, `an array` or `an object`.
    public var typeDescription: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer, .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    /// A member of an object; nil if there is none or this is no object.
    ///
    /// Setting is for objects and for `null`, which becomes an object; setting nil removes the member.
    public subscript(key: String) -> JSON? {
        get { object?[key] }
        set {
            switch self {
            case .object(var object):
                self = .null  // The object is held once while it changes, so that it is not copied.
                object[key] = newValue
                self = .object(object)
            case .null:
                var object = JSONObject()
                object[key] = newValue
                self = .object(object)
            default:
                preconditionFailure("member \(key) set on \(typeDescription)")
            }
        }
    }

    /// An element of an array; nil beyond its end or if this is no array.
    public subscript(index: Int) -> JSON? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }
}

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    public init(nilLiteral: ()) { self = .null }

    public init(booleanLiteral value: Bool) { self = .bool(value) }

    public init(integerLiteral value: Int64) { self = .integer(value) }

    public init(stringLiteral value: String) { self = .string(value) }

    public init(arrayLiteral elements: JSON...) { self = .array(elements) }

    /// A key that is given twice is a programmer error.
    public init(dictionaryLiteral members: (String, JSON)...) {
        self = .object(JSONObject(uniqueMembers: members.map { JSONObject.Member(key: $0.0, value: $0.1) }))
    }
}
