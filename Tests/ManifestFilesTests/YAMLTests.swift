import JSONText
import Manifest
import Testing

@testable import ManifestFiles

@Suite("YAML manifests")
struct YAMLTests {
    private func value(_ text: String) throws -> JSON {
        let documents = YAMLDocuments(Array(text.utf8), source: "x.yaml")
        try #require(documents.errors.isEmpty, "\(documents.errors)")
        guard case .value(let value, position: _)? = documents.sources.first?.content else { return .null }
        return value
    }

    private func errors(_ text: String) -> [String] {
        YAMLDocuments(Array(text.utf8), source: "x.yaml").errors.map(\.description)
    }

    @Test("scalars are read by YAML 1.2's core schema")
    func scalars() throws {
        let text = """
            a: 1
            b: -2.50
            c: true
            d: null
            e: ~
            f:
            g: text with spaces
            h: "1"
            i: '2'
            j: 0x1f
            k: 0o17
            l: 1e3
            m: 127.0.0.1:7001
            date: 2026-01-31
            o: 1.2.3
            p: |
              two
              lines
            q: +5
            r: !!str 12
            s: .5
            """
        let expected: JSON = [
            "a": 1, "b": try JSON(parsing: "-2.5"), "c": true, "d": nil, "e": nil, "f": nil, "g": "text with spaces",
            "h": "1", "i": "2", "j": 31, "k": 15, "l": 1000, "m": "127.0.0.1:7001", "date": "2026-01-31", "o": "1.2.3",
            "p": "two\nlines\n", "q": 5, "r": "12", "s": try JSON(parsing: "0.5"),
        ]
        #expect(try value(text) == expected)
    }

    @Test(
        "texts that versions of YAML read differently are refused with their place",
        arguments: [
            ("a: on", "on is true to some"), ("a: no", "no is false to some"), ("a: 0755", "octal"),
            ("a: 1_000", "number to some"), ("a: 12:30", "number to some"), ("a: 0b11", "binary"),
            ("a: .inf", "no number that JSON can say"), ("on: 1", "must be quoted"), ("1: a", "must be quoted"),
            ("<<: {a: 1}", "merge keys"), ("a: !thing x", "tag"), ("a: !!binary aGk=", "tag"),
            ("? [a, b]\n: c", "key must be a string"), ("null: 1", "must be quoted"),
        ])
    func traps(text: String, problem: String) throws {
        let errors = errors(text)
        try #require(errors.count == 1, "\(errors)")
        #expect(errors[0].hasPrefix("x.yaml:1:"), "\(errors)")
        #expect(errors[0].contains(problem), "\(errors)")
    }

    @Test("a key twice is refused")
    func duplicates() {
        let errors = errors("a: 1\nb:\n  c: 1\n  c: 2\n")
        #expect(errors.count == 1)
        #expect(errors.first?.contains("duplicate key \"c\"") == true, "\(errors)")
    }

    @Test("all traps of a document are reported at once, with line and column")
    func allAtOnce() {
        let errors = errors("a: on\nb:\n  c: off\n  d: 0755\n")
        #expect(errors.map { $0.prefix(11) } == ["x.yaml:1:4:", "x.yaml:3:6:", "x.yaml:4:6:"])
    }

    @Test("anchors and aliases are written out, a bomb of them is refused")
    func aliases() throws {
        #expect(try value("a: &x {b: 1}\nc: *x") == ["a": ["b": 1], "c": ["b": 1]])
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...12 {
            let inner = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            bomb += "a\(level): &a\(level) [\(inner)]\n"
        }
        let errors = errors(bomb)
        #expect(errors.count == 1)
        #expect(errors.first?.contains("aliases make the document too large") == true, "\(errors)")
    }

    @Test("deep nesting is refused")
    func depth() {
        let errors = errors(String(repeating: "[", count: 500) + String(repeating: "]", count: 500))
        #expect(errors.count == 1, "\(errors.prefix(2))")
    }

    @Test("text that is no YAML is an error with its place")
    func malformed() {
        for text in ["a: [1, 2", "a: 'x", "\tb: 1", "a: b: c"] {
            let errors = errors(text)
            #expect(errors.count == 1)
            #expect(errors.first?.hasPrefix("x.yaml:") == true, "\(errors)")
        }
        #expect(YAMLDocuments([0xff, 0xfe, 0x41], source: "x").errors.count == 1)
    }

    @Test("documents are separated by dashes, empty ones are nothing")
    func streams() {
        let documents = YAMLDocuments(Array("---\na: 1\n---\n---\nb: 2\n...\n".utf8), source: "x.yaml")
        #expect(documents.sources.count == 2)
        #expect(documents.errors.isEmpty)
    }
}
