import Primitives
import Testing

@Suite struct HarmlessTextTests {
    @Test(
        "What a terminal obeys or eyes can't see is shown as an escape",
        arguments: [
            ("\u{1b}[31mred", "\\u{1b}[31mred"), ("a\u{7}b\u{0}", "a\\u{7}b\\u{0}"), ("\u{7f}", "\\u{7f}"),
            ("\u{9b}2J", "\\u{9b}2J"), ("a\u{85}b", "a\\u{85}b"), ("one\ntwo\r\n\tthree", "one\\ntwo\\r\\n\\tthree"),
            ("a\u{2028}b\u{2029}", "a\\u{2028}b\\u{2029}"),
            ("\u{202e}evil\u{2066}\u{200f}", "\\u{202e}evil\\u{2066}\\u{200f}"),
            ("we\u{200b}b\u{2060}\u{ad}", "we\\u{200b}b\\u{2060}\\u{ad}"), ("\u{feff}{", "\\u{feff}{"),
            ("\u{e000}\u{10fffd}", "\\u{e000}\\u{10fffd}"), ("\u{378}\u{ffff}", "\\u{378}\\u{ffff}"),
            ("\u{e0041}\u{fe0f}\u{115f}\u{3164}", "\\u{e0041}\\u{fe0f}\\u{115f}\\u{3164}"),
        ])
    func escapes(text: String, shown: String) {
        #expect(text.harmless == shown)
        #expect(!text.isHarmless)
        #expect(shown.isHarmless)
    }

    @Test(
        "What people read in any script stays as it is",
        arguments: ["", "web-1", "C:\\new", "Grüße", "данные", "数据　库", "e\u{301}", "שלום", "🙂", "a\u{a0}b", "\u{fffd}"])
    func plain(text: String) {
        #expect(Array(text.harmless.utf8) == Array(text.utf8))
        #expect(Array(text.harmlessLines.utf8) == Array(text.utf8))
        #expect(text.isHarmless)
    }

    @Test("Text of several lines keeps its lines and tabs, and nothing else")
    func lines() {
        #expect("a\r\n\tb\n".harmlessLines == "a\n\tb\n")
        #expect("a\rb\u{1b}[1A\u{2028}\n".harmlessLines == "a\\rb\\u{1b}[1A\\u{2028}\n")
        #expect("a\r".harmlessLines == "a\\r")
    }

    @Test("Every scalar comes out harmless, and harmless text is left alone")
    func everyScalar() {
        var wrong: [UInt32] = []
        for value in UInt32(0)...0x10ffff {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let shown = String(Character(scalar)).harmless
            let isSeen = scalar.properties.generalCategory != .control && scalar.properties.generalCategory != .format
            if shown.unicodeScalars.contains(where: { !$0.isHarmless }) || shown.isEmpty { wrong.append(value) }
            if shown.unicodeScalars.first == scalar, !isSeen { wrong.append(value) }
            if !scalar.isHarmless {
                if shown.harmless != shown { wrong.append(value) }
            } else if shown.unicodeScalars.elementsEqual([scalar]) == false {
                wrong.append(value)
            }
        }
        #expect(wrong == [])
    }

    @Test("A bound cuts what is shown and says so")
    func bounds() {
        #expect("abcdef".harmless(limit: 6) == "abcdef")
        #expect("abcdefg".harmless(limit: 6) == "abc...")
        #expect("\u{1b}\u{1b}".harmless(limit: 8) == "\\u{1b...")
        #expect(String(repeating: "\u{301}", count: 1000).harmless(limit: 10).unicodeScalars.count == 10)
        #expect("".harmless(limit: 3) == "")
    }

    @Test(
        "Bytes that are no UTF-8 are shown one by one",
        arguments: [
            ([0x63, 0x61, 0x66, 0xe9], "caf\\xe9"), ([0xff, 0xfe, 0x61], "\\xff\\xfea"),
            ([0xed, 0xa0, 0x80], "\\xed\\xa0\\x80"),
            ([0xe2, 0x82], "\\xe2\\x82"), ([0x1b, 0xc2, 0x9b], "\\u{1b}\\u{9b}"), ([0x63, 0xc3, 0xa9], "cé"), ([], ""),
        ] as [([UInt8], String)])
    func bytes(bytes: [UInt8], shown: String) {
        #expect(String.harmless(bytes: bytes) == shown)
    }
}
