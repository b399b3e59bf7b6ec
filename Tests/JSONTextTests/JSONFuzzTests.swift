import JSONText
import Primitives
import Testing

@Suite struct JSONFuzzTests {
    /// A value of chance, with strings that need escapes and numbers of every kind.
    static func value(depth: Int, using generator: inout SeededGenerator) -> JSON {
        switch Int.random(in: 0..<(depth > 0 ? 10 : 7), using: &generator) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &generator))
        case 2: return .integer(Int64.random(in: .min ... .max, using: &generator))
        case 3: return .integer(Int64.random(in: -1000...1000, using: &generator))
        case 4: return JSON(Double(bitPattern: generator.next())) ?? .null
        case 5, 6: return .string(string(using: &generator))
        case 7:
            let count = Int.random(in: 0..<6, using: &generator)
            return .array((0..<count).map { _ in value(depth: depth - 1, using: &generator) })
        default:
            var object = JSONObject()
            for _ in 0..<Int.random(in: 0..<24, using: &generator) {
                object[string(using: &generator)] = value(depth: depth - 1, using: &generator)
            }
            return .object(object)
        }
    }

    static func string(using generator: inout SeededGenerator) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0..<30, using: &generator) {
            let bound: UInt32 = [0x20, 0x80, 0x80, 0x800, 0x11_0000].randomElement(using: &generator)!
            if let scalar = Unicode.Scalar(UInt32.random(in: 0..<bound, using: &generator)) {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    @Test("What is written is read back, in every layout", arguments: 0..<300)
    func roundTrip(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let value = Self.value(depth: 4, using: &generator)
        let canonical = value.canonicalBytes
        #expect(try JSON(parsing: canonical) == value)
        #expect(try JSON(parsing: canonical).canonicalBytes == canonical)
        #expect(try JSON(parsing: value.prettyBytes).canonicalBytes == canonical)
        var compact: [UInt8] = []
        value.appendCompact(to: &compact)
        #expect(try JSON(parsing: compact) == value)
    }

    @Test("Text cut at any byte is an error that lies within it", arguments: 0..<20)
    func truncation(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let value: JSON = ["a": Self.value(depth: 1, using: &generator), "b": try JSON(parsing: "[1.5e7, true]")]
        let text = value.prettyBytes
        var unnoticed: [Int] = []
        for length in 0..<text.count {
            do throws(JSONError) {
                _ = try JSON(parsing: Array(text[..<length]))
                unnoticed.append(length)
            } catch {
                if error.position.offset > length { unnoticed.append(length) }
            }
        }
        #expect(unnoticed == [])
    }

    @Test("Changed bytes are read or refused, and what is read is a value like any other", arguments: 0..<200)
    func mutations(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var text = Self.value(depth: 3, using: &generator).canonicalBytes
        let signs = Array("{}[]\",:\\u0eE+-.tfn \u{0}".utf8) + [0x80, 0xc3, 0xed, 0xff]
        for _ in 0..<20 where !text.isEmpty {
            let place = text.indices.randomElement(using: &generator)!
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: text[place] = signs.randomElement(using: &generator)!
            case 1: text.insert(signs.randomElement(using: &generator)!, at: place)
            default: text.remove(at: place)
            }
            if let value = try? JSON(parsing: text) {  // Most are refused; that is no failure.
                #expect((try? JSON(parsing: value.canonicalBytes)) == value)
            }
            for document in (try? JSON.documents(in: text)) ?? [] { #expect(!document.range.isEmpty) }
            // Positions are asked of broken text too, and must stay inside it.
            let path = JSONPath(keys: "a").appending(1)
            if let place = JSONPositions.locate(path, in: text, from: 0) { #expect(place.value.offset < text.count) }
        }
    }

    @Test("Bytes of chance never crash", arguments: 0..<200)
    func noise(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let text = (0..<Int.random(in: 0..<64, using: &generator)).map { _ in
            UInt8.random(in: 0...255, using: &generator)
        }
        for prefix in ["", "[", "{\"a\":", "\"", "\"\\u", "-", "1e"] {
            _ = try? JSON(parsing: Array(prefix.utf8) + text)  // Only a crash would be wrong.
        }
    }
}
