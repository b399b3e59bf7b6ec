import JSONText
import Primitives
import Testing

@Suite struct JSONErrorTests {
    @Test(
        "An error says where it is, what stands there and what may stand there",
        arguments: [
            ("", "1:1: found end of text: expected a value"),
            ("{\"a\": 1,}", "1:9: found '}': expected a key in quotes"),
            ("{\n  \"a\": [1,\n  2\n  x]}", "4:3: found 'x' in a[1]: expected ',' or ']'"),
            ("[1,]", "1:4: found ']' in [1]: expected a value"),
            ("{\"é\" 1}", "1:6: found '1' in [\"é\"]: expected ':'"),
            ("{a:1}", "1:2: found 'a': expected a key in quotes"),
            ("[01]", "1:3: found '1' in [0]: expected no digit after a leading zero"),
            ("[-]", "1:3: found ']' in [0]: expected a digit"),
            ("[1.]", "1:4: found ']' in [0]: expected a digit"),
            ("[1e]", "1:4: found ']' in [0]: expected a digit"),
            ("[+1]", "1:2: found '+' in [0]: expected a value"),
            ("[nul]", "1:2: found 'n' in [0]: expected null"),
            ("nul", "1:4: found end of text: expected null"),
            ("[NaN]", "1:2: found 'N' in [0]: expected a value"),
            ("\"a", "1:3: found end of text: expected '\"' at the end of the string"),
            ("\"a\tb\"", "1:3: found a tab: expected control characters only as escapes such as \\n or \\u0001"),
            (#""\x""#, #"1:3: found 'x': expected one of \" \\ \/ \b \f \n \r \t \u"#),
            (#""\u12g4""#, "1:6: found 'g': expected four hexadecimal digits"),
            (#""\ud800""#, #"1:2: found '\': expected a pair of \uD800-\uDBFF and \uDC00-\uDFFF"#),
            (#""\ude00\ud83d""#, #"1:2: found '\': expected a pair of \uD800-\uDBFF and \uDC00-\uDFFF"#),
            (#""\ud83d\u0041""#, #"1:2: found '\': expected a pair of \uD800-\uDBFF and \uDC00-\uDFFF"#),
            ("{} {}", "1:4: found '{': expected nothing after the value"),
            ("1 // one", "1:3: found '/': expected nothing after the value"),
            ("1e100000000", "1:1: found '1': expected an exponent of at most 99999999"),
            ("\u{feff}{}", "1:1: found a byte order mark: expected a value"),
            ("[\u{202e}]", #"1:2: found '\u{202e}' in [0]: expected a value"#),
        ])
    func messages(text: String, message: String) {
        let error = #expect(throws: JSONError.self) { try JSON(parsing: text) }
        #expect(error?.description == message)
    }

    @Test("A key twice is an error at the second one, in small and in large objects")
    func duplicates() throws {
        let small = #expect(throws: JSONError.self) {
            try JSON(parsing: "{\"spec\": [{\"a\": 1,\n \"b\": {\"a\": \"}\"}, \"\\u0061\": 2}]}")
        }
        #expect(small?.description == "2:19: duplicate key \"a\" (spec[0]): a key may stand only once")
        let members = (0..<1000).map { "\"k\($0)\": [{}]" }
        let large = "{" + (members + ["\"k500\": 1"]).joined(separator: ",") + "}"
        let error = #expect(throws: JSONError.self) { try JSON(parsing: large) }
        #expect(error?.reason == .duplicateKey("k500"))
        #expect(error?.position.offset == large.utf8.count - "\"k500\": 1}".utf8.count)
    }

    @Test("Two equal keys are found wherever they stand and however they are written", arguments: 1..<40)
    func duplicatesAnywhere(count: Int) throws {
        let keys = (0..<count).map { "key\($0)" }
        #expect(throws: Never.self) { try JSON(parsing: Self.object(keys)) }
        for place in 0...count {
            for twin in ["key\(count / 2)", "\\u006bey\(count / 2)"] {
                var all = keys
                all.insert(twin, at: place)
                let error = #expect(throws: JSONError.self) { try JSON(parsing: Self.object(all)) }
                #expect(error?.reason == .duplicateKey("key\(count / 2)"))
            }
        }
    }

    private static func object(_ keys: [String]) -> String {
        "{" + keys.map { "\"\($0)\":1" }.joined(separator: ",") + "}"
    }

    @Test("Nesting is read up to the limit and refused beyond it")
    func depth() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(throws: Never.self) { try JSON(parsing: nested(Limits.jsonDepth)) }
        let error = #expect(throws: JSONError.self) { try JSON(parsing: nested(Limits.jsonDepth + 1)) }
        #expect(error?.reason == .tooDeep)
        #expect(error?.position.offset == Limits.jsonDepth)
        let objects = String(repeating: "{\"a\":", count: 100_000)
        #expect(throws: JSONError.self) { try JSON(parsing: objects) }
    }

    @Test(
        "Bytes that are no UTF-8 are refused",
        arguments: [
            [0x80], [0xc0, 0x80], [0xc1, 0xbf], [0xc3], [0xc3, 0x28], [0xe0, 0x9f, 0xbf], [0xe2, 0x82],
            [0xed, 0xa0, 0x80], [0xf0, 0x8f, 0xbf, 0xbf], [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xff],
        ] as [[UInt8]])
    func invalidUTF8(bytes: [UInt8]) {
        for tail in ["\"", "                \""] {
            let error = #expect(throws: JSONError.self) {
                try JSON(parsing: Array("\"ab".utf8) + bytes + Array(tail.utf8))
            }
            #expect(error?.reason == .invalidUTF8)
            #expect(error?.position.offset == 3)
        }
    }

    @Test("Scalars of every plane go through text and back")
    func scalars() throws {
        for plane in 0..<17 {
            var text = ""
            for low in stride(from: 0, to: 0x10000, by: plane < 2 ? 3 : 251) {
                if let scalar = Unicode.Scalar(UInt32(plane << 16 | low)) { text.unicodeScalars.append(scalar) }
            }
            let read = try JSON(parsing: JSON.string(text).canonicalBytes)
            #expect(read.string.map { Array($0.utf8) } == Array(text.utf8))
        }
    }
}
