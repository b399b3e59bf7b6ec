import JSONText
import Testing

@Suite struct JSONPositionsTests {
    private let text = Array(
        """
        {
          "metadata": { "name": "é", "x": "}]\\"," },
          "spec": {
            "disks": [ { "name": "a" },
              { "name": "b", "size": "1Gi" } ], "none": []
          }
        }
        """.utf8)

    @Test(
        "Key and value of a field are found in the text",
        arguments: [
            (JSONPath(keys: "metadata"), 2, 3, 2, 15), (JSONPath(keys: "metadata", "x"), 2, 30, 2, 35),
            (JSONPath(keys: "spec", "disks").appending(1).appending("size"), 5, 22, 5, 30),
        ])
    func fields(path: JSONPath, keyLine: Int, keyColumn: Int, valueLine: Int, valueColumn: Int) throws {
        let found = try #require(JSONPositions.locate(path, in: text, from: 0))
        #expect(found.key.map { [$0.line, $0.column] } == [keyLine, keyColumn])
        #expect([found.value.line, found.value.column] == [valueLine, valueColumn])
    }

    @Test("Elements have no key, and what is not there has no place")
    func elements() throws {
        let disks = JSONPath(keys: "spec", "disks")
        #expect(JSONPositions.locate(disks.appending(1), in: text, from: 0)?.key == nil)
        #expect(JSONPositions.locate(disks.appending(1), in: text, from: 0)?.value.line == 5)
        #expect(JSONPositions.locate(disks.appending(2), in: text, from: 0) == nil)
        #expect(JSONPositions.locate(JSONPath(keys: "spec", "none").appending(0), in: text, from: 0) == nil)
        #expect(JSONPositions.locate(JSONPath(keys: "status"), in: text, from: 0) == nil)
        #expect(JSONPositions.locate(.root, in: text, from: 0)?.value.offset == 0)
        let offsets = JSONPositions.elementOffsets(of: disks, in: text, from: 0)
        #expect(offsets.count == 2)
        #expect(offsets.map { text[$0] } == [UInt8(ascii: "{"), UInt8(ascii: "{")])
        #expect(JSONPositions.elementOffsets(of: JSONPath(keys: "spec", "none"), in: text, from: 0) == [])
    }

    @Test("Line and column are the same with checkpoints as by walking, at every byte")
    func lines() {
        let long = Array(repeating: text, count: 20).flatMap(\.self)
        let lines = JSONLines(long)
        for offset in 0...long.count where offset % 7 == 0 || offset == long.count {
            #expect(lines.position(ofByte: offset) == JSONPositions.position(ofByte: offset, in: long))
        }
    }
}
