import JSONText
import Testing

@testable import Manifest

@Suite struct SchemaTests {
    private func load(_ text: String) throws -> Schema {
        try SchemaLoader(JSON(parsing: text)).load()
    }

    @Test(
        "A schema with a word or a value that the interpreter does not know is refused",
        arguments: [
            #"{"allOf": []}"#, #"{"properties": {"a": {"if": true}}}"#, #"{"type": ["string"]}"#,
            #"{"type": "number"}"#,
            #"{"format": "email"}"#, #"{"pattern": "^a$"}"#, #"{"minimum": "1"}"#, #"{"items": 3}"#,
            ##"{"$ref": "#/$defs/x"}"##,
            ##"{"$ref": "#/$defs/x", "type": "string"}"##,
            ##"{"$defs": {"x": {"$ref": "#/$defs/x"}}, "properties": {"a": {"$ref": "#/$defs/x"}}}"##,
            #"{"x-blixard-update": "never"}"#, #"{"type": "string", "x-blixard-reference": "Images"}"#,
            #"{"type": "integer", "x-blixard-reference": "Image"}"#, #"{"x-blixard-minimum": "1Mi"}"#,
            #"{"uniqueItems": true}"#, "[]",
        ])
    func refused(text: String) {
        #expect(throws: SchemaError.self) { try load(text) }
    }

    @Test("References lead to their definitions, also nested ones")
    func references() throws {
        let schema = try load(
            ##"{"$defs": {"a": {"type": "object", "properties": {"b": {"$ref": "#/$defs/c"}}}, "c": {"type": "integer"}}, "properties": {"x": {"$ref": "#/$defs/a"}, "y": {"$ref": "#/$defs/a"}}}"##
        )
        #expect(schema.violations(of: ["x": ["b": 1], "y": ["b": "2"]], at: .root).map(\.path.description) == ["y.b"])
    }

    @Test(
        "Keywords mean what JSON Schema says",
        arguments: [
            (#"{"minLength": 2, "maxLength": 3}"#, ["ab", "abc", 5], ["a", "abcd"]),
            (#"{"minItems": 1, "maxItems": 2}"#, [[1], [1, 2], "x"], [[], [1, 2, 3]]),
            (#"{"const": {"a": [1]}}"#, [["a": [1]], ["a": [1]]], [["a": 1], nil]),
            (#"{"enum": [1, "a", null]}"#, [1, "a", nil], [2, "b", false]),
            (#"{"minimum": -1, "maximum": 1}"#, [-1, 0, 1, "x"], [-2, 2]),
            (#"{"required": ["a"]}"#, [["a": nil], 3], [[:], ["b": 1]]),
            (#"{"additionalProperties": false, "properties": {"a": true}}"#, [["a": 7], [:]], [["b": 1]]),
            (#"{"additionalProperties": {"type": "boolean"}}"#, [["a": true], [:]], [["a": 1]]),
            (#"{"maxProperties": 1}"#, [["a": 1]], [["a": 1, "b": 2]]),
            (#"{"propertyNames": {"maxLength": 1}}"#, [["a": 1]], [["ab": 1]]),
            (#"{"items": {"type": "string"}}"#, [["a"], []], [[1], ["a", 1]]),
            (#"{"type": "integer"}"#, [1, -1], ["1", true, nil, [1]]),
            ("false", [], [1, nil]), ("true", [1, nil], []),
            (
                #"{"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}"#, [["a": 1], ["b": 1]],
                [[:], ["a": 1, "b": 1]]
            ),
            (#"{"x-blixard-key": "name"}"#, [[["name": "a"], ["name": "b"]]], [[["name": "a"], ["name": "a"]]]),
        ] as [(String, [JSON], [JSON])])
    func keywords(text: String, valid: [JSON], invalid: [JSON]) throws {
        let schema = try load(text)
        for value in valid { #expect(schema.violations(of: value, at: .root) == []) }
        for value in invalid { #expect(schema.violations(of: value, at: .root) != []) }
    }

    @Test("A number that no 64 bits hold is compared exactly with the bounds")
    func numbers() throws {
        let schema = try load(#"{"minimum": -1, "maximum": 9007199254740993}"#)
        for text in ["9007199254740992.5", "-0.5", "-0.999999999999999999999", "1e-300", "9007199254740993"] {
            #expect(try schema.violations(of: JSON(parsing: text), at: .root) == [], "\(text)")
        }
        for text in [
            "9007199254740993.5", "-1.5", "-1.000000000000000000001", "1e300", "-1e300", "9223372036854775808",
        ] {
            #expect(try schema.violations(of: JSON(parsing: text), at: .root).count == 1, "\(text)")
        }
    }

    @Test("A length at least is counted in code points, and a length at most in bytes")
    func lengths() throws {
        let schema = try load(#"{"minLength": 2, "maxLength": 4}"#)
        for text in ["ab", "abcd", "\u{e9}\u{e9}", "e\u{301}"] {
            #expect(schema.violations(of: .string(text), at: .root) == [])
        }
        for text in ["\u{1f600}", "a", "\u{e9}\u{e9}a"] {
            #expect(schema.violations(of: .string(text), at: .root).count == 1)
        }
    }

    @Test("Exactly one alternative is wanted of values of every type")
    func alternatives() throws {
        let schema = try load(#"{"oneOf": [{"type": "integer"}, {"minimum": 2}]}"#)
        #expect(schema.violations(of: 1, at: .root) == [])
        #expect(schema.violations(of: 3, at: .root).count == 1)
        #expect(schema.violations(of: "x", at: .root) == [])
    }

    @Test("Every default is valid by its own schema, and every field says what it is")
    func defaults() {
        func check(_ schema: Schema, _ path: JSONPath) {
            if let value = schema.keywords.defaultValue { #expect(schema.violations(of: value, at: path) == []) }
            for property in schema.keywords.properties where !property.schema.keywords.refusesAll {
                let place = path.appending(property.name)
                #expect(property.schema.keywords.description != nil, "\(place) has no description")
                check(property.schema, place)
            }
            if let items = schema.keywords.items { check(items, path.appending(0)) }
        }
        for schema in KindSchema.all { check(schema.document, JSONPath(keys: schema.kind.kind)) }
    }

    @Test("Every field of a machine's spec says what its change asks")
    func updates() {
        func check(_ schema: Schema, _ path: JSONPath) {
            for property in schema.keywords.properties {
                #expect(property.schema.keywords.update != nil, "\(path.appending(property.name))")
                check(property.schema, path.appending(property.name))
            }
            if let items = schema.keywords.items { check(items, path.appending(0)) }
        }
        check(KindSchema.of(.virtualMachine)!.spec, JSONPath(keys: "spec"))
    }

    @Test("Normal form and filled form undo each other")
    func forms() throws {
        let schema = try #require(KindSchema.of(.virtualMachine))
        let spec: JSON = [
            "memory": "64Mi", "boot": ["disk": "root"], "disks": [["name": "root", "size": "1Gi"]],
            "networks": [["name": "lan", "portForwards": [["hostPort": 80, "guestPort": 8080]]]],
        ]
        let filled = schema.filled(spec: spec)
        #expect(filled["networks"]?[0]?["portForwards"]?[0]?["hostAddress"] == "127.0.0.1")
        #expect(filled["vcpus"] == 1)
        #expect(filled["boot"] == ["disk": "root"])
        #expect(schema.normalForm(ofSpec: filled) == spec)
        #expect(schema.normalForm(ofSpec: filled).canonicalBytes == schema.normalForm(ofSpec: spec).canonicalBytes)
    }
}
