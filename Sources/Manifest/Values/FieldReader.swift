import JSONText
import Primitives

/// Reads the members of one object of a stored spec or status, and knows which were asked for.
struct FieldReader {
    private let object: JSONObject
    let path: JSONPath
    private var asked: Set<String> = []

    init(_ value: JSON, at path: JSONPath) throws(NotUnderstood) {
        guard let object = value.object else { throw Self.unexpected(value, at: path, "an object") }
        self.object = object
        self.path = path
    }

    /// The most members of an object of strings.
    private static let longestMap = 64
    /// The most conditions of one object.
    static let mostConditions = 64

    /// The names of the fields that were asked for, sorted.
    var askedFields: [String] { asked.sorted() }

    /// Throws if there is a member that nothing asked for.
    func finish() throws(NotUnderstood) {
        for member in object where !asked.contains(member.key) {
            throw NotUnderstood(path: path.appending(member.key), problem: .unknownField)
        }
    }

    mutating func has(_ key: String) -> Bool { value(key) != nil }

    mutating func string(_ key: String) throws(NotUnderstood) -> String? {
        guard let value = value(key) else { return nil }
        guard let string = value.string else { throw unexpected(value, key, "a string") }
        return string
    }

    /// A string of a format.
    mutating func string(
        _ key: String, _ format: ValueFormat, atMostBytes limit: Int
    ) throws(NotUnderstood) -> String? {
        guard let string = try string(key) else { return nil }
        guard string.utf8.count <= limit else {
            throw unexpected(.string(string), key, "text of at most \(limit) bytes")
        }
        if let problem = format.problem(string) { throw unexpected(.string(string), key, problem) }
        return string
    }

    mutating func bool(_ key: String) throws(NotUnderstood) -> Bool? {
        guard let value = value(key) else { return nil }
        guard let bool = value.bool else { throw unexpected(value, key, "a boolean") }
        return bool
    }

    mutating func integer<Value: FixedWidthInteger>(
        _ key: String, in range: ClosedRange<Value>
    ) throws(NotUnderstood) -> Value? {
        guard let value = value(key) else { return nil }
        guard let integer = value.integer.flatMap({ Value(exactly: $0) }), range.contains(integer) else {
            throw unexpected(value, key, "an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return integer
    }

    /// A counter that fits JSON's 64-bit integers.
    mutating func counter(_ key: String) throws(NotUnderstood) -> UInt64? {
        try integer(key, in: 0...UInt64(Int64.max))
    }

    /// An amount of whole units, written as a quantity.
    mutating func quantity(_ key: String, in range: ClosedRange<Int64>) throws(NotUnderstood) -> Int64? {
        guard let value = value(key) else { return nil }
        guard let whole = value.string.flatMap(Quantity.init)?.whole, range.contains(whole) else {
            let (least, most) = (Quantity(range.lowerBound), Quantity(range.upperBound))
            throw unexpected(value, key, "a quantity of whole bytes from \(least) to \(most)")
        }
        return whole
    }

    mutating func time(_ key: String) throws(NotUnderstood) -> WallTime? {
        guard let value = value(key) else { return nil }
        guard let time = value.string.flatMap(WallTime.init(rfc3339:)) else {
            throw unexpected(value, key, "a time of RFC 3339")
        }
        return time
    }

    mutating func choice<Value: RawRepresentable<String> & CaseIterable>(
        _ key: String, of type: Value.Type
    ) throws(NotUnderstood) -> Value? {
        guard let value = value(key) else { return nil }
        guard let choice = value.string.flatMap(Value.init) else {
            throw unexpected(value, key, "one of " + Value.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return choice
    }

    mutating func strings(_ key: String) throws(NotUnderstood) -> [String]? {
        guard let value = value(key) else { return nil }
        guard let array = value.array else { throw unexpected(value, key, "an array of strings") }
        var strings: [String] = []
        for element in array {
            guard let string = element.string else { throw unexpected(element, key, "an array of strings") }
            strings.append(string)
        }
        return strings
    }

    mutating func stringMap(_ key: String) throws(NotUnderstood) -> [String: String]? {
        guard let value = value(key) else { return nil }
        guard let object = value.object, object.count <= Self.longestMap else {
            throw unexpected(value, key, "an object of at most \(Self.longestMap) strings")
        }
        var map: [String: String] = [:]
        for member in object {
            guard let string = member.value.string else { throw unexpected(member.value, key, "an object of strings") }
            map[member.key] = string
        }
        return map
    }

    mutating func nested(_ key: String) throws(NotUnderstood) -> FieldReader? {
        guard let value = value(key) else { return nil }
        return try FieldReader(value, at: path.appending(key))
    }

    /// One reader for each element of an array of objects; none if the member is missing.
    mutating func elements(_ key: String, atMost limit: Int) throws(NotUnderstood) -> [FieldReader] {
        guard let value = value(key) else { return [] }
        guard let array = value.array, array.count <= limit else {
            throw unexpected(value, key, "an array of at most \(limit) elements")
        }
        var readers: [FieldReader] = []
        for (index, element) in array.enumerated() {
            readers.append(try FieldReader(element, at: path.appending(key).appending(index)))
        }
        return readers
    }

    func require<Value>(_ value: Value?, _ key: String) throws(NotUnderstood) -> Value {
        guard let value else { throw NotUnderstood(path: path.appending(key), problem: .missing) }
        return value
    }

    mutating func value(_ key: String) -> JSON? {
        asked.insert(key)
        return object[key]
    }

    private func unexpected(_ value: JSON, _ key: String, _ allowed: String) -> NotUnderstood {
        Self.unexpected(value, at: path.appending(key), allowed)
    }

    private static func unexpected(_ value: JSON, at path: JSONPath, _ allowed: String) -> NotUnderstood {
        let text = String(decoding: value.canonicalBytes.prefix(64), as: UTF8.self)
        return NotUnderstood(path: path, problem: .unexpected(found: text, allowed: allowed))
    }
}
