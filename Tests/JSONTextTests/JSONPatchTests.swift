import Primitives
import Testing

@testable import JSONText

@Suite("JSON patches")
struct JSONPatchTests {
    private static func apply(_ patch: String, to document: String) throws -> JSON {
        try JSON(parsing: document).applying(JSONPatch(json: JSON(parsing: patch)))
    }

    private static func failure(_ patch: String, _ document: String) -> JSONPatchError? {
        #expect(throws: JSONPatchError.self) { try apply(patch, to: document) }
    }

    /// A document, a patch and the result, as the appendix has them.
    static let examples: [(name: String, document: String, patch: String, result: String)] = [
        (
            "A.1", #"{"foo": "bar"}"#, #"[{"op": "add", "path": "/baz", "value": "qux"}]"#,
            #"{"baz": "qux", "foo": "bar"}"#
        ),
        (
            "A.2", #"{"foo": ["bar", "baz"]}"#, #"[{"op": "add", "path": "/foo/1", "value": "qux"}]"#,
            #"{"foo": ["bar", "qux", "baz"]}"#
        ),
        ("A.3", #"{"baz": "qux", "foo": "bar"}"#, #"[{"op": "remove", "path": "/baz"}]"#, #"{"foo": "bar"}"#),
        (
            "A.4", #"{"foo": ["bar", "qux", "baz"]}"#, #"[{"op": "remove", "path": "/foo/1"}]"#,
            #"{"foo": ["bar", "baz"]}"#
        ),
        (
            "A.5", #"{"baz": "qux", "foo": "bar"}"#, #"[{"op": "replace", "path": "/baz", "value": "boo"}]"#,
            #"{"baz": "boo", "foo": "bar"}"#
        ),
        (
            "A.6", #"{"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}}"#,
            #"[{"op": "move", "from": "/foo/waldo", "path": "/qux/thud"}]"#,
            #"{"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}}"#
        ),
        (
            "A.7", #"{"foo": ["all", "grass", "cows", "eat"]}"#,
            #"[{"op": "move", "from": "/foo/1", "path": "/foo/3"}]"#, #"{"foo": ["all", "cows", "eat", "grass"]}"#
        ),
        (
            "A.8", #"{"baz": "qux", "foo": ["a", 2, "c"]}"#,
            #"[{"op": "test", "path": "/baz", "value": "qux"}, {"op": "test", "path": "/foo/1", "value": 2}]"#,
            #"{"baz": "qux", "foo": ["a", 2, "c"]}"#
        ),
        (
            "A.10", #"{"foo": "bar"}"#, #"[{"op": "add", "path": "/child", "value": {"grandchild": {}}}]"#,
            #"{"foo": "bar", "child": {"grandchild": {}}}"#
        ),
        (
            "A.11", #"{"foo": "bar"}"#, #"[{"op": "add", "path": "/baz", "value": "qux", "xyz": 123}]"#,
            #"{"foo": "bar", "baz": "qux"}"#
        ),
        ("A.14", #"{"/": 9, "~1": 10}"#, #"[{"op": "test", "path": "/~01", "value": 10}]"#, #"{"/": 9, "~1": 10}"#),
        (
            "A.16", #"{"foo": ["bar"]}"#, #"[{"op": "add", "path": "/foo/-", "value": ["abc", "def"]}]"#,
            #"{"foo": ["bar", ["abc", "def"]]}"#
        ),
    ]

    @Test("The examples of RFC 6902 appendix A come out as they stand there", arguments: examples.indices)
    func appendix(_ index: Int) throws {
        let example = Self.examples[index]
        #expect(try Self.apply(example.patch, to: example.document) == JSON(parsing: example.result), "\(example.name)")
    }

    @Test("The examples of RFC 6902 appendix A that are errors are refused with the place")
    func appendixErrors() {
        let test = Self.failure(#"[{"op": "test", "path": "/baz", "value": "bar"}]"#, #"{"baz": "qux"}"#)
        #expect(test?.reason == .testFailed)
        #expect(test?.description == "operation 0: /baz: the value is not the one that was tested for")
        let nowhere = Self.failure(#"[{"op": "add", "path": "/baz/bat", "value": "qux"}]"#, #"{"foo": "bar"}"#)
        #expect(nowhere?.description == "operation 0: /baz/bat: there is no value")
        // A string is no number of the same digits.
        let text = Self.failure(#"[{"op": "test", "path": "/~01", "value": "10"}]"#, #"{"/": 9, "~1": 10}"#)
        #expect(text?.reason == .testFailed)
        // An operation with `op` twice is no JSON here.
        #expect(throws: JSONError.self) {
            try JSON(parsing: #"[{"op": "add", "path": "/baz", "value": "qux", "op": "remove"}]"#)
        }
    }

    @Test("Operations act on what those before them left, on the whole document too")
    func sequences() throws {
        let patch = """
            [{"op": "add", "path": "/a", "value": []}, {"op": "add", "path": "/a/0", "value": 1},
             {"op": "add", "path": "/a/0", "value": 0}, {"op": "copy", "from": "/a", "path": "/b"},
             {"op": "replace", "path": "/a/1", "value": null}, {"op": "move", "from": "/a/0", "path": "/c"},
             {"op": "add", "path": "/b", "value": 7}, {"op": "test", "path": "/c", "value": 0}]
            """
        #expect(try Self.apply(patch, to: "{}") == ["a": [nil], "b": 7, "c": 0])
        #expect(try Self.apply(#"[{"op": "replace", "path": "", "value": [1]}]"#, to: "{}") == [1])
        #expect(try Self.apply(#"[{"op": "move", "from": "/a", "path": "/a"}]"#, to: #"{"a": 1}"#) == ["a": 1])
        #expect(try Self.apply(#"[{"op": "move", "from": "/a", "path": ""}]"#, to: #"{"a": {"b": 1}}"#) == ["b": 1])
        // A member whose key has digits is a member.
        #expect(try Self.apply(#"[{"op": "replace", "path": "/0", "value": 2}]"#, to: #"{"0": 1}"#) == ["0": 2])
        #expect(try Self.apply(#"[{"op": "test", "path": "/a", "value": 1.0}]"#, to: #"{"a": 1}"#) == ["a": 1])
        #expect(try Self.apply("[]", to: "[1]") == [1])
    }

    @Test(
        "What can't be done is refused",
        arguments: [
            (#"{"op": "remove", "path": "/b"}"#, "/b: there is no value"),
            (#"{"op": "remove", "path": ""}"#, "the document: the whole document can't be taken away"),
            (#"{"op": "replace", "path": "/b", "value": 1}"#, "/b: there is no value"),
            (#"{"op": "replace", "path": "/a/2", "value": 1}"#, "/a/2: there is no value"),
            (#"{"op": "replace", "path": "/a/-", "value": 1}"#, "/a/-: there is no value"),
            (#"{"op": "remove", "path": "/a/-"}"#, "/a/-: there is no value"),
            (
                #"{"op": "add", "path": "/a/3", "value": 1}"#,
                "/a/3: the last step must be an index from 0 to 2, or - for the end"
            ),
            (
                #"{"op": "add", "path": "/a/01", "value": 1}"#,
                "/a/01: the last step must be an index from 0 to 2, or - for the end"
            ),
            (#"{"op": "add", "path": "/a/0/x", "value": 1}"#, "/a/0/x: there is no value"),
            (#"{"op": "move", "from": "/o", "path": "/o/x"}"#, "/o: a value can't be moved into itself"),
            (#"{"op": "move", "from": "", "path": "/o"}"#, "the document: a value can't be moved into itself"),
            (#"{"op": "copy", "from": "/x", "path": "/o"}"#, "/x: there is no value"),
            (#"{"op": "test", "path": "/x", "value": null}"#, "/x: there is no value"),
        ])
    func refusals(operation: String, detail: String) {
        let failure = Self.failure("[\(operation)]", #"{"a": [1, 2], "o": {}}"#)
        #expect(failure?.reason == .notApplicable)
        #expect(failure?.detail == detail)
        #expect(failure?.operation == 0)
    }

    @Test(
        "What is no patch is refused",
        arguments: [
            "{}", "null", "[1]", "[{}]", #"[{"op": "add"}]"#, #"[{"op": "add", "path": "/a"}]"#,
            #"[{"op": "add", "path": 1, "value": 1}]"#, #"[{"op": "add", "path": "a", "value": 1}]"#,
            #"[{"op": "add", "path": "/~2", "value": 1}]"#, #"[{"op": "jump", "path": "/a"}]"#,
            #"[{"op": "move", "path": "/a"}]"#, #"[{"op": "test", "path": "/a"}]"#, #"[{"op": null, "path": "/a"}]"#,
        ])
    func malformed(patch: String) {
        #expect(Self.failure(patch, "{}")?.reason == .malformed)
    }

    @Test("A patch has bounds: its operations, the depth of its result, and how much copies make")
    func bounds() throws {
        let test: JSON = ["op": "test", "path": "", "value": 1]
        let most = try JSONPatch(json: .array(Array(repeating: test, count: JSONPatch.largestCount)))
        #expect(try JSON.integer(1).applying(most) == 1)
        let tooMany = JSON.array(Array(repeating: test, count: JSONPatch.largestCount + 1))
        #expect(throws: JSONPatchError.self) { try JSONPatch(json: tooMany) }

        // Each copies the whole into itself.
        let doubling = try JSONPatch(
            json: .array(Array(repeating: ["op": "copy", "from": "", "path": "/-"], count: 1000)))
        let failure = #expect(throws: JSONPatchError.self) { try JSON.array([]).applying(doubling) }
        #expect(failure?.reason == .tooLarge)
        #expect((10...20).contains(failure?.operation ?? 0))

        let deepening = try JSONPatch(
            json: .array(Array(repeating: ["op": "copy", "from": "/a", "path": "/a/a"], count: 1000)))
        #expect(throws: JSONPatchError.self) { try JSON(parsing: #"{"a": {}}"#).applying(deepening) }
        let deep = "/" + Array(repeating: "a", count: 200).joined(separator: "/")
        #expect(Self.failure("[{\"op\": \"add\", \"path\": \"\(deep)\", \"value\": 1}]", "{}") != nil)
        let large = JSON.array(Array(repeating: 1, count: JSONPatch.largestValueCount))
        #expect(throws: JSONPatchError.self) { try large.applying(JSONPatch([])) }
    }

    @Test("Patches cut off or with changed bits give a value or a failure", arguments: examples.indices)
    func damage(_ index: Int) throws {
        let example = Self.examples[index]
        let document = try JSON(parsing: example.document)
        let bytes = Array(example.patch.utf8)
        for length in 0..<bytes.count {
            #expect(throws: JSONError.self) { try JSON(parsing: Array(bytes[..<length])) }
        }
        for position in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[position] ^= 1 << UInt8(bit)
                // Most are no JSON; that is no failure.
                guard let json = try? JSON(parsing: changed) else { continue }
                do throws(JSONPatchError) {
                    let result = try document.applying(JSONPatch(json: json))
                    #expect((try? JSON(parsing: result.canonicalBytes)) == result)
                } catch {
                    #expect(error.description.utf8.count < 400)
                }
            }
        }
    }

    @Test("Operations of chance on documents of chance give a value or a failure", arguments: 0..<100)
    func chance(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let document = JSONFuzzTests.value(depth: 3, using: &generator)
        var paths = [JSONPath.root]
        func walk(_ value: JSON, _ path: JSONPath) {
            paths.append(path)
            for (index, element) in (value.array ?? []).enumerated() { walk(element, path.appending(index)) }
            for member in value.object ?? JSONObject() { walk(member.value, path.appending(member.key)) }
        }
        walk(document, .root)
        paths += paths.map { $0.appending("-") } + paths.map { $0.appending("new") }
        for _ in 0..<50 {
            let operations = (0..<3).map { _ -> JSONPatch.Operation in
                let (one, two) = (paths.randomElement(using: &generator)!, paths.randomElement(using: &generator)!)
                let value = JSONFuzzTests.value(depth: 1, using: &generator)
                return [
                    .add(one, value), .remove(one), .replace(one, value), .move(from: one, to: two),
                    .copy(from: one, to: two), .test(one, document.value(at: one) ?? nil),
                ].randomElement(using: &generator)!
            }
            do throws(JSONPatchError) {
                let result = try document.applying(JSONPatch(operations))
                #expect((try? JSON(parsing: result.canonicalBytes)) == result)
            } catch {
                #expect(error.reason != .malformed)
            }
        }
    }
}

@Suite("Merge patches between values")
struct MergePatchDifferenceTests {
    @Test("The patch between two values makes one of the other", arguments: 0..<100)
    func difference(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let one = Self.withoutNulls(JSONFuzzTests.value(depth: 3, using: &generator))
        let two = Self.withoutNulls(JSONFuzzTests.value(depth: 3, using: &generator))
        #expect(one.applying(mergePatch: one.mergePatch(to: two)) == two)
        #expect(one.mergePatch(to: one) == (one.object == nil ? one : [:]))
    }

    @Test("Only what differs is in the patch, and patches contradict each other where both change a place")
    func contradictions() {
        let base: JSON = ["a": 1, "b": ["c": 2, "d": [1]], "e": 5]
        let one = base.mergePatch(to: ["a": 1, "b": ["c": 3, "d": [1]]])
        #expect(one == ["b": ["c": 3], "e": nil])
        let two = base.mergePatch(to: ["a": 2, "b": ["c": 2, "d": [1, 2]], "e": 5])
        #expect(two == ["a": 2, "b": ["d": [1, 2]]])
        #expect(!JSON.contradict(one, two))
        #expect(!JSON.contradict(one, one))
        #expect(JSON.contradict(one, ["b": ["c": 4]]))
        #expect(JSON.contradict(one, ["b": nil]))
        #expect(JSON.contradict(one, ["e": 6]))
    }

    private static func withoutNulls(_ value: JSON) -> JSON {
        switch value {
        case .null: return .bool(true)
        case .array(let elements): return .array(elements.map(withoutNulls))
        case .object(let object):
            return .object(
                JSONObject(uniqueMembers: object.map { JSONObject.Member(key: $0.key, value: withoutNulls($0.value)) }))
        default: return value
        }
    }
}
