import JSONText
import Testing

@Suite("Equality of values")
struct JSONEqualityTests {
    static let composed = "caf\u{e9}"
    static let decomposed = "cafe\u{301}"

    @Test("values are equal exactly if their canonical texts are")
    func bytes() {
        let values: [JSON] = [
            nil, true, false, 0, 1, JSON(1.5)!, "", "a", .string(Self.composed), .string(Self.decomposed), [], [1],
            [nil],
            [.string(Self.composed)], [.string(Self.decomposed)], [:], ["a": 1], ["a": 1, "b": 2], ["b": 2, "a": 1],
            .object([Self.composed: 1]), .object([Self.decomposed: 1]),
            .object([Self.composed: 1, Self.decomposed: 2]), .object([Self.decomposed: 2, Self.composed: 1]),
        ]
        for left in values {
            for right in values {
                #expect((left == right) == (left.canonicalBytes == right.canonicalBytes), "\(left) \(right)")
                if left == right { #expect(left.hashValue == right.hashValue) }
            }
        }
    }

    @Test("keys that only Unicode calls equivalent are two keys", arguments: [0, 15, 40])
    func keys(others: Int) throws {
        let more = (0..<others).map { ",\"k\($0)\":0" }.joined()
        let both = try JSON(parsing: "{\"\(Self.composed)\":1,\"\(Self.decomposed)\":2\(more)}")
        #expect(both[Self.composed] == 1)
        #expect(both[Self.decomposed] == 2)
        var changed = both
        changed[Self.decomposed] = nil
        #expect(changed[Self.composed] == 1)
        #expect(changed[Self.decomposed] == nil)
        changed[Self.decomposed] = 3
        #expect(changed.object?.count == others + 2)
        #expect(try JSON(parsing: both.canonicalBytes) == both)
        #expect(throws: JSONError.self) {
            try JSON(parsing: "{\"\(Self.composed)\":1\(more),\"\(Self.composed)\":2}")
        }
        let text = Array("{\"\(Self.composed)\":1,\"\(Self.decomposed)\":2}".utf8)
        let place = JSONPositions.locate(JSONPath(keys: Self.decomposed), in: text, from: 0)
        #expect(place?.value.offset == text.count - 2)
        #expect(JSONPath(keys: Self.composed) != JSONPath(keys: Self.decomposed))
    }
}
