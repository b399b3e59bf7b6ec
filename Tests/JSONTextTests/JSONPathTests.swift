import JSONText
import Testing

@Suite struct JSONPathTests {
    @Test("A path is printed as people write it")
    func description() {
        let path = JSONPath(keys: "spec", "disks").appending(0).appending("size")
        #expect(path.description == "spec.disks[0].size")
        #expect(
            JSONPath(keys: "metadata", "labels", "example.org/rack").description
                == #"metadata.labels["example.org/rack"]"#)
        #expect(JSONPath.root.description == "")
        #expect(path.keys == ["spec", "disks", "size"])
    }

    @Test(
        "Pointers find what RFC 6901 section 5 says",
        arguments: [
            ("/foo", ["bar", "baz"]), ("/foo/0", "bar"), ("/", 0), ("/a~1b", 1), ("/c%d", 2), ("/e^f", 3),
            ("/g|h", 4), ("/i\\j", 5), ("/k\"l", 6), ("/ ", 7), ("/m~0n", 8), ("/7", 9),
        ] as [(String, JSON)])
    func pointers(pointer: String, value: JSON) throws {
        let document: JSON = [
            "foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, "k\"l": 6, " ": 7,
            "m~n": 8,
            "7": 9,
        ]
        let path = try #require(JSONPath(pointer: pointer))
        #expect(document.value(at: path) == value)
        #expect(path.pointer == pointer)
        #expect(document.value(at: .root) == document)
    }

    @Test("Text that is no pointer is refused", arguments: ["a", "/~", "/~2", "/a~"])
    func badPointers(pointer: String) {
        #expect(JSONPath(pointer: pointer) == nil)
    }

    @Test(
        "Merge patches change what RFC 7386 appendix A says",
        arguments: [
            (["a": "b"], ["a": "c"], ["a": "c"]), (["a": "b"], ["b": "c"], ["a": "b", "b": "c"]),
            (["a": "b"], ["a": nil], [:]), (["a": "b", "b": "c"], ["a": nil], ["b": "c"]),
            (["a": ["b"]], ["a": "c"], ["a": "c"]), (["a": "c"], ["a": ["b"]], ["a": ["b"]]),
            (["a": ["b": "c"]], ["a": ["b": "d", "c": nil]], ["a": ["b": "d"]]),
            (["a": [["b": "c"]]], ["a": [1]], ["a": [1]]),
            (["a", "b"], ["c", "d"], ["c", "d"]), (["a": "b"], ["c"], ["c"]), (["a": "foo"], nil, nil),
            (["a": "foo"], "bar", "bar"), (["e": nil], ["a": 1], ["e": nil, "a": 1]),
            ([1, 2], ["a": "b", "c": nil], ["a": "b"]),
            ([:], ["a": ["bb": ["ccc": nil]]], ["a": ["bb": [:]]]),
        ] as [(JSON, JSON, JSON)])
    func mergePatches(original: JSON, patch: JSON, result: JSON) {
        #expect(original.applying(mergePatch: patch) == result)
    }
}
