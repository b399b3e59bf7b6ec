import JSONText
import Testing

@Suite struct JSONWriterTests {
    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test("Canonical text is sorted by bytes, has no spaces and only needful escapes")
    func canonical() {
        let value: JSON = [
            "b": [1, -20, 300, true, false, nil], "a": "q\"\\/\u{1}\n\u{7f}é😀", "é": [:], "B": [], "aa": 1,
        ]
        #expect(
            text(value.canonicalBytes)
                == #"{"B":[],"a":"q\"\\/\u0001\n"# + "\u{7f}é😀" + #"","aa":1,"b":[1,-20,300,true,false,null],"é":{}}"#)
    }

    @Test("Integers are written plainly from end to end of their range")
    func integers() {
        for value in [0, 9, 10, -1, -10, 99, 1_000_000, Int64.max, Int64.min] {
            #expect(text(JSON.integer(value).canonicalBytes) == String(value))
        }
    }

    @Test("Pretty text has two spaces a level and keeps the order of members")
    func pretty() {
        let value: JSON = ["b": [1, [:], [], ["x": nil]], "a": "y"]
        #expect(
            text(value.prettyBytes) == """
                {
                  "b": [
                    1,
                    {},
                    [],
                    {
                      "x": null
                    }
                  ],
                  "a": "y"
                }
                """)
    }

    @Test("Compact text keeps the order of members")
    func compact() {
        var bytes: [UInt8] = []
        (["b": [1, 2], "a": [:]] as JSON).appendCompact(to: &bytes)
        #expect(text(bytes) == #"{"b":[1,2],"a":{}}"#)
    }
}
