import JSONText
import ManifestFiles
import Primitives
import Testing
import Yams

@testable import Commands

/// What `-o json` and `-o yaml` print is read back as it was, and has nothing in it that a terminal would obey.
@Suite("Printed values")
struct TextRoundTripTests {
    /// One scalar of each kind that some reader or terminal treats in its own way, and the borders between kinds.
    static let scalars: [Unicode.Scalar] = {
        var values: [UInt32] =
            Array(0...0xa1) + [
                0xad, 0x301, 0x34f, 0x378, 0x600, 0x61c, 0x180e, 0x1160, 0x2000, 0x2027, 0x2030, 0x206f, 0x3000, 0x3164,
                0xd7ff, 0xe000, 0xf8ff, 0xfdd0, 0xfe0f, 0xfeff, 0xfff9, 0xfffd, 0xfffe, 0xffff, 0x10000, 0x1f600,
                0x1fffe,
                0xe0001, 0xe0041, 0xe0100, 0xf0000, 0x10ffff,
            ]
        values += Array(0x200b...0x200f) + Array(0x2028...0x202e) + Array(0x2060...0x2069)
        return values.compactMap(Unicode.Scalar.init)
    }()

    static let words = [
        "", "yes", "no", "null", "~", "true", "on", "off", "y", "n", "NULL", "0", "1e3", "0x1f", "0755", "1_000", ".5",
        "12:30", ".inf", "-.NaN", "2026-01-31", "2026-01-31T00:00:00Z", "---", "--- x", "...", "... x", "#x", " #x",
        "x #", " x", "x ", "\tx", "x\t", "a: b", "a:", ":a", "- a", "-", "? a", "?", "| x", "> x", "'", "\"", "\\",
        "%x",
        "@x", "`x", "!x", "&x", "*x", "[", "{", "]", "}", ",", "=", "<<", "a\n", "a\n\n", "\na", "a\n b", " a\nb",
        "a\nb ", "a\n  \nb", "a\n\tb", "a\r\nb", "a\rb", "a\n---\nb", "a\n...\n", "# a\nb", "e\u{301}\nx",
        "\u{feff}x\ny",
        String(repeating: "long ", count: 900), "\u{1b}[2J\nx", "a\u{2028}b\nc", "\u{202e}a\n",
    ]

    private func check(_ string: String) throws {
        for value: JSON in [
            .string(string), [.string(string)], ["k": .string(string)], ["k": [["a": .string(string), "b": 1]]],
            string.isEmpty ? [:] : .object(JSONObject(uniqueMembers: [.init(key: string, value: ["a": 1])])),
        ] {
            let json = value.prettyText
            #expect(try Self.bytes(JSON(parsing: json)) == Self.bytes(value), "\(json)")
            #expect(json.harmlessLines.utf8.elementsEqual(json.utf8))

            let yaml = YAMLText.render(value)
            #expect(yaml.harmlessLines.utf8.elementsEqual(yaml.utf8), "\(yaml)")
            let own = YAMLDocuments(Array(yaml.utf8), source: "x")
            #expect(own.errors.isEmpty, "\(own.errors) of \(yaml)")
            #expect(own.sources.first?.json.map(Self.bytes) == Self.bytes(value), "\(yaml)")
            // Yams decides what a scalar is as YAML 1.1 does. A byte order mark at its beginning it drops.
            if case .string = value, string.unicodeScalars.first != "\u{feff}" {
                let foreign = try #require(try Yams.load(yaml: yaml) as? String, "\(yaml)")
                #expect(foreign.utf8.elementsEqual(string.utf8), "\(yaml)")
            }
        }
    }

    private static func bytes(_ value: JSON) -> [UInt8] { value.canonicalBytes }

    @Test("printed values come back whatever sign is in them, alone and among others", arguments: scalars)
    func everyKindOfScalar(scalar: Unicode.Scalar) throws {
        let sign = String(scalar)
        for text in [sign, "a" + sign, sign + "a", "a" + sign + "b", "a\n" + sign, sign + "\nb\n"] { try check(text) }
    }

    @Test("printed values come back where a reader could take them for something else", arguments: words)
    func everyWord(word: String) throws { try check(word) }

    @Test("printed values come back when they are made of any signs and words by chance")
    func chance() throws {
        var generator = SeededGenerator(seed: 7)
        let pieces = Self.scalars.map(String.init) + Self.words.filter { $0.utf8.count < 100 }
        for _ in 0..<300 {
            let count = Int.random(in: 1...6, using: &generator)
            let text = (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            try check(text)
        }
    }
}
