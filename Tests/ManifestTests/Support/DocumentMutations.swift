import EdgeValues
import JSONText
import Manifest
import Primitives

/// Documents of a kind that a schema may take or refuse: every edge of every field, and valid documents with a few
/// random changes.
struct DocumentMutations {
    private let seeds: [JSON]
    private var generator: SeededGenerator

    init(of kind: KindInfo, seed: UInt64) {
        seeds = EdgeDocuments.all(of: kind).map(\.document)
        generator = SeededGenerator(seed: seed)
    }

    /// The edges themselves, without any change.
    var edges: [JSON] { seeds }

    /// A document with one to three changes.
    mutating func next() -> JSON {
        var document = seeds.randomElement(using: &generator)!
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let places = Self.places(in: document)
            let place = places.randomElement(using: &generator)!
            document = changed(document, at: place.steps[...])
        }
        return document
    }

    /// Every place in a value, the root first.
    private static func places(in value: JSON, at path: JSONPath = .root) -> [JSONPath] {
        switch value {
        case .object(let object): [path] + object.flatMap { places(in: $0.value, at: path.appending($0.key)) }
        // Of a long array the first elements stand for all.
        case .array(let array):
            [path] + array.prefix(3).enumerated().flatMap { places(in: $1, at: path.appending($0)) }
        default: [path]
        }
    }

    private mutating func changed(_ value: JSON, at steps: ArraySlice<JSONPath.Step>) -> JSON {
        guard let step = steps.first else { return changed(value) }
        switch (step, value) {
        case (.key(let key), .object(var object)):
            guard let member = object[key] else { return value }
            object[key] = changed(member, at: steps.dropFirst())
            return .object(object)
        case (.index(let index), .array(var array)):
            array[index] = changed(array[index], at: steps.dropFirst())
            return .array(array)
        default: return value
        }
    }

    private mutating func changed(_ value: JSON) -> JSON {
        if Int.random(in: 0..<3, using: &generator) == 0 { return Self.values.randomElement(using: &generator)! }
        switch value {
        case .object(let object): return .object(changed(object))
        case .array(let array): return .array(changed(array))
        case .string(let text): return .string(changed(text))
        case .integer(let number): return changed(number)
        default: return Self.values.randomElement(using: &generator)!
        }
    }

    private mutating func changed(_ object: JSONObject) -> JSONObject {
        var object = object
        let key = object.keys.randomElement(using: &generator)
        let name = Self.names.randomElement(using: &generator)!
        let value = Self.values.randomElement(using: &generator)!
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: if let key { object[key] = nil }
        case 1: object[name] = value
        // Under another name.
        case 2: if let key { object[name] = object[key] }
        // A name that is nearly another.
        case 3: if let key { object[changed(key)] = object[key] }
        case 4: if let key { object[key] = value }
        // More members than any map may have.
        default:
            for number in 0..<[1, 63, 64, 65].randomElement(using: &generator)! { object["k-\(number)"] = value }
        }
        return object
    }

    private mutating func changed(_ array: [JSON]) -> [JSON] {
        let element = array.first ?? Self.values.randomElement(using: &generator)!
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: return Array(array.dropLast())
        case 1: return array + [Self.values.randomElement(using: &generator)!]
        case 2: return Array(repeating: element, count: [2, 8, 9, 16, 17, 64, 65].randomElement(using: &generator)!)
        default: return array.reversed()
        }
    }

    private mutating func changed(_ text: String) -> String {
        var scalars = Array(text.unicodeScalars.prefix(4096))
        let piece = Array(Self.pieces.randomElement(using: &generator)!.unicodeScalars)
        let place = Int.random(in: 0...scalars.count, using: &generator)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: scalars.insert(contentsOf: piece, at: place)
        case 1: scalars.append(contentsOf: piece)
        case 2: if place < scalars.count { scalars.remove(at: place) }
        case 3: scalars = Array(repeatElement(scalars, count: 64).joined().prefix(2100))
        default: return text.uppercased()
        }
        return String(String.UnicodeScalarView(scalars))
    }

    private mutating func changed(_ number: Int64) -> JSON {
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: .integer(number &+ 1)
        case 1: .integer(number &- 1)
        case 2: .integer(0 &- number)
        default: .string(String(number))
        }
    }

    private static let names = [
        "", " ", "name", "Name", "spec", "status", "namespace", "$schema", "x", "size", "image", "kernel", "disk",
        "__proto__", "caf\u{e9}", "cafe\u{301}", "example.org/app", "a\n", "\u{0}", "\u{202e}",
    ]

    private static let pieces = [
        "a", "A", "-", ".", "/", "_", " ", "\n", "\t", "\u{0}", "\u{7f}", "\u{e9}", "\u{301}", "\u{1f600}", "\u{212a}",
        "0", "1.5", "Ki", "e3", "e999", "+", ":", "%", "\u{feff}", "\u{2028}", "\\", "\"", "{", "::1",
    ]

    private static let values: [JSON] =
        [
            "null", "true", "false", "0", "-1", "1", "1.0", "64", "65", "4096", "4097", "65535", "65536", "1e2", "0.5",
            "1.5", "63.999", "65535.5", "-0.0", "2147483648", "9223372036854775807", "-9223372036854775808",
            "9223372036854775808", "18446744073709551616", "1e30", "1e300", "-1e300", "1e-300", "[]", "{}", "[null]",
            "[[]]", "[{}]", "{\"a\": 1}", "{\"\": null}",
        ].map { text in
            guard let value = try? JSON(parsing: text) else { preconditionFailure(text) }
            return value
        } + [
            "", "a", "word", "A", "1", "128Mi", "1.5Gi", "-1", "1e3", "1e400", "0.5", "1m", "127.0.0.1", "1.2.3.04",
            "/a", "http://h/x", "http://[::1]:1/", "sha256:", "Always", "tcp", "raw", "kernel", "blixard.dev/v1",
            "VirtualMachine", .string(String(repeating: "a", count: 64)),
            .string(String(repeating: "\u{e9}", count: 60)), .string(String(repeating: "a", count: 2048)),
            .string(String(repeating: "\u{1f600}", count: 1500)), .string(String(repeating: "b", count: 65_537)),
        ]
}
