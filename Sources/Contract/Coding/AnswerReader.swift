import JSONText
import Manifest
import Primitives

/// Reads the members of one object of an answer.
public struct AnswerReader {
    private let object: JSONObject
    /// Where the object is, for errors: `the answer to an apply: results[2].`
    private let place: String

    /// - Parameter place: What errors put before the name of a member.
    /// - Throws: If the value is no object.
    init(_ json: JSON, at place: String) throws(AnswerMismatch) {
        guard let object = json.object else {
            let subject = place.hasSuffix(".") ? "\(place.dropLast()): " : place
            throw AnswerMismatch("\(subject)must be an object, found \(json.typeDescription)")
        }
        self.object = object
        self.place = place
    }

    /// The whole object, for a type that has its own codec.
    var json: JSON { .object(object) }

    /// A member of any type, also null; nil if there is none.
    func value(_ name: String) -> JSON? { object[name] }

    func text(_ name: String) throws(AnswerMismatch) -> String {
        guard let text = object[name]?.string else { throw mismatch(name, "a text") }
        return text
    }

    /// Nil if the member is missing or null.
    func optionalText(_ name: String) throws(AnswerMismatch) -> String? {
        isThere(name) ? try text(name) : nil
    }

    func flag(_ name: String) throws(AnswerMismatch) -> Bool {
        guard let flag = object[name]?.bool else { throw mismatch(name, "true or false") }
        return flag
    }

    /// A whole number within these bounds.
    func number<Value: FixedWidthInteger>(
        _ name: String, in range: ClosedRange<Value>
    ) throws(AnswerMismatch) -> Value {
        guard let number = object[name]?.integer.flatMap({ Value(exactly: $0) }), range.contains(number) else {
            throw mismatch(name, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// Nil if the member is missing or null.
    func optionalNumber<Value: FixedWidthInteger>(
        _ name: String, in range: ClosedRange<Value>
    ) throws(AnswerMismatch) -> Value? {
        isThere(name) ? try number(name, in: range) : nil
    }

    /// A counter of 64 bits, as JSON's whole numbers hold it.
    func counter(_ name: String) throws(AnswerMismatch) -> UInt64 {
        try number(name, in: 0...UInt64(Int64.max))
    }

    /// A revision: a counter in a text, as Kubernetes writes one.
    func revision(_ name: String) throws(AnswerMismatch) -> UInt64 {
        guard let revision = object[name]?.string.flatMap({ UInt64($0) }) else {
            throw mismatch(name, "a text that holds a whole number")
        }
        return revision
    }

    func key(_ name: String) throws(AnswerMismatch) -> PublicKey {
        guard let key = object[name]?.string.flatMap({ PublicKey(hex: $0) }) else {
            throw mismatch(name, "a key of 64 hexadecimal digits")
        }
        return key
    }

    func texts(_ name: String) throws(AnswerMismatch) -> [String] {
        guard let array = object[name]?.array else { throw mismatch(name, "an array of texts") }
        let texts = array.compactMap(\.string)
        guard texts.count == array.count else { throw mismatch(name, "an array of texts") }
        return texts
    }

    /// What `read` makes of the object that the member is; nil if it is missing or null.
    func optional<Value>(
        _ name: String, _ read: (AnswerReader) throws(AnswerMismatch) -> Value
    ) throws(AnswerMismatch) -> Value? {
        guard let value = object[name], !value.isNull else { return nil }
        return try read(AnswerReader(value, at: place + name + "."))
    }

    /// What `read` makes of the object that the member is.
    func nested<Value>(
        _ name: String, _ read: (AnswerReader) throws(AnswerMismatch) -> Value
    ) throws(AnswerMismatch) -> Value {
        guard let value = try optional(name, read) else { throw mismatch(name, "an object") }
        return value
    }

    /// What `read` makes of each object of the array that the member is.
    func elements<Value>(
        _ name: String, _ read: (AnswerReader) throws(AnswerMismatch) -> Value
    ) throws(AnswerMismatch) -> [Value] {
        guard let array = object[name]?.array else { throw mismatch(name, "an array") }
        var values: [Value] = []
        values.reserveCapacity(array.count)
        for (index, element) in array.enumerated() {
            values.append(try read(AnswerReader(element, at: "\(place)\(name)[\(index)].")))
        }
        return values
    }

    /// The object that the members `kind`, `namespace` and `name` name.
    func objectKey() throws(AnswerMismatch) -> ObjectKey {
        ObjectKey(kind: try text("kind"), namespace: try text("namespace"), name: try text("name"))
    }

    /// The failure of a member that is not what it must be.
    func mismatch(_ name: String, _ expected: String) -> AnswerMismatch {
        guard let value = object[name] else {
            return AnswerMismatch("\(place)\(name): is missing, must be \(expected)")
        }
        // Containers may be large; a scalar that is of the right type is what is wrong itself.
        let found =
            switch value {
            case .array, .object, .null: value.typeDescription
            default: String(decoding: value.canonicalBytes.prefix(64), as: UTF8.self)
            }
        return AnswerMismatch("\(place)\(name): must be \(expected), found \(found)")
    }

    private func isThere(_ name: String) -> Bool { object[name].map { !$0.isNull } ?? false }
}

extension ObjectKey {
    /// The members that name an object in a body.
    var members: JSON { ["kind": .string(kind), "namespace": .string(namespace), "name": .string(name)] }
}
