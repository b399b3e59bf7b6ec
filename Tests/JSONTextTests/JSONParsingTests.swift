import JSONText
import Testing

@Suite struct JSONParsingTests {
    @Test(
        "Every kind of value is read",
        arguments: [
            ("null", JSON.null), ("true", true), (" false\n", false), ("0", 0), ("-12", -12), ("\"\"", ""),
            ("[]", []), ("{}", [:]), ("[1, [2], {}]", [1, [2], [:]]),
            ("{\"a\": {\"b\": [null]}, \"c\": \"d\"}", ["a": ["b": [nil]], "c": "d"]),
        ] as [(String, JSON)])
    func values(text: String, value: JSON) throws {
        #expect(try JSON(parsing: text) == value)
    }

    @Test(
        "Whole numbers of 64 bits are integers however they are written",
        arguments: [
            ("1.0", 1), ("1e2", 100), ("-0", 0), ("-0.0", 0), ("0e5", 0), ("120e-1", 12), ("9223372036854775807", .max),
            ("-9223372036854775808", .min), ("922337203685477580.7e1", .max),
            ("100000000000000000", 100_000_000_000_000_000),
        ] as [(String, Int64)])
    func integers(text: String, value: Int64) throws {
        #expect(try JSON(parsing: text) == .integer(value))
    }

    @Test(
        "Other numbers keep every digit and have one text",
        arguments: [
            ("0.1", "0.1"), ("0.10", "0.1"), ("1E-1", "0.1"), ("9223372036854775808", "9223372036854775808"),
            ("-9223372036854775809", "-9223372036854775809"), ("1e400", "1e+400"), ("1.5e-7", "1.5e-7"),
            ("0.0000015", "0.0000015"), ("123456789012345678901234567890", "1.2345678901234567890123456789e+29"),
            ("3.141592653589793238462643383279", "3.141592653589793238462643383279"), ("1e20", "100000000000000000000"),
        ])
    func decimals(text: String, canonical: String) throws {
        let value = try JSON(parsing: text)
        #expect(String(decoding: value.canonicalBytes, as: UTF8.self) == canonical)
        #expect(try JSON(parsing: canonical) == value)
        #expect(value.integer == nil)
    }

    @Test("A number knows the nearest Double, and none beyond its range")
    func doubles() throws {
        #expect(try JSON(parsing: "0.1").double == 0.1)
        #expect(try JSON(parsing: "1e400").double == nil)
        #expect(JSON(0.1) == (try JSON(parsing: "0.1")))
        #expect(JSON(3.0) == 3)
        #expect(JSON(Double.nan) == nil)
        #expect(JSON(-Double.infinity) == nil)
        #expect(JSON(Double.leastNonzeroMagnitude)?.double == .leastNonzeroMagnitude)
        #expect(JSON(Double.greatestFiniteMagnitude)?.double == .greatestFiniteMagnitude)
    }

    @Test(
        "Escapes and characters beyond ASCII are read",
        arguments: [
            (#""a\"b\\c\/d\be\ff\ng\rh\ti""#, "a\"b\\c/d\u{8}e\u{c}f\ng\rh\ti"),
            (#""\u0041\u00e9\u20AC\ud83d\ude00""#, "Aé€😀"), (#""é€😀""#, "é€😀"), (#""\u0000""#, "\0"),
            (
                #""plain text that is longer than a word, then é and \n and more plain text""#,
                "plain text that is longer than a word, then é and \n and more plain text"
            ),
        ])
    func strings(text: String, value: String) throws {
        #expect(try JSON(parsing: text).string == value)
    }

    @Test("A special character is found at every place of a string of any length")
    func specialPlaces() throws {
        for length in 0..<20 {
            for place in 0...length {
                let plain = String(repeating: "x", count: place)
                let rest = String(repeating: "y", count: length - place)
                for (written, read) in [("\\n", "\n"), ("é", "é"), ("\\\"", "\""), ("\u{7f}", "\u{7f}")] {
                    #expect(try JSON(parsing: "\"\(plain)\(written)\(rest)\"").string == plain + read + rest)
                }
                #expect(throws: JSONError.self) { try JSON(parsing: "\"\(plain)\n\(rest)\"") }
            }
        }
    }

    @Test("Long keys that differ in one place only are told apart")
    func likeKeys() throws {
        for length in 1..<50 {
            let keys = (0..<length).map { place in
                String(repeating: "k", count: place) + "x" + String(repeating: "k", count: length - place - 1)
            }
            let text = "{" + (keys.map { "\"\($0)\":\"\($0)\"" }).joined(separator: ",") + "}"
            let object = try #require(try JSON(parsing: text).object)
            #expect(object.keys == keys)
            for key in keys { #expect(object[key]?.string == key) }
        }
    }

    @Test("Documents one after the other are read with the bytes where they stand")
    func documents() throws {
        let text = " {\"a\":1}\n[2]{}\"x\"\"y\" 1 2 true\n"
        let documents = try JSON.documents(in: Array(text.utf8))
        #expect(documents.map(\.value) == [["a": 1], [2], [:], "x", "y", 1, 2, true])
        #expect(
            documents.map { String(decoding: Array(text.utf8)[$0.range], as: UTF8.self) }
                == ["{\"a\":1}", "[2]", "{}", "\"x\"", "\"y\"", "1", "2", "true"])
        #expect(try JSON.documents(in: Array(" \n".utf8)).isEmpty)
        #expect(throws: JSONError.self) { try JSON.documents(in: Array("truefalse".utf8)) }
        #expect(throws: JSONError.self) { try JSON.documents(in: Array("{} ,".utf8)) }
    }

    @Test("An empty buffer without an address is no document")
    func emptyBuffer() {
        #expect(throws: JSONError.self) { try JSON(parsing: UnsafeRawBufferPointer(start: nil, count: 0)) }
    }
}
