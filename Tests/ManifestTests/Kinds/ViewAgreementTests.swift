import JSONText
import Primitives
import Testing

@testable import Manifest

/// Schema and views are two tellings of the same thing; here each is held against the other.
@Suite struct ViewAgreementTests {
    /// Some valid value of a schema, with every property in it that can be.
    private func sample(_ schema: Schema) -> JSON {
        let keywords = schema.keywords
        if let value = keywords.choices?.last { return value }
        switch keywords.type {
        case .integer: return .integer(keywords.maximum ?? 7)
        case .boolean: return keywords.defaultValue == true ? false : true
        case .array: return .array(keywords.items.map { [sample($0)] } ?? [])
        case .object:
            var object = JSONObject()
            for property in keywords.properties { object[property.name] = sample(property.schema) }
            if case .each(let value) = keywords.additionalProperties { object["key"] = sample(value) }
            return .object(object)
        case .string, nil:
            switch keywords.format {
            case .quantity: return "3Gi"
            case .sha256: return .string("sha256:" + String(repeating: "5c", count: 32))
            case .absolutePathOrURL: return "/images/a"
            case .ipv4: return "10.1.2.3"
            case .gitURL: return "https://example.org/infra.git"
            case .gitCommit: return .string(String(repeating: "5c", count: 20))
            case .sshPublicKey: return "ssh-ed25519 AAAAC3Nz"
            default: return "word"
            }
        }
    }

    /// Samples that together name every property of a spec; only one alternative of `oneOf` fits in each.
    private func samples(_ kind: KindInfo) -> [JSON] {
        let schema = KindSchema.of(kind)!.spec
        let all = sample(schema)
        if kind == .gitRepository {
            return ["branch", "tag", "commit"].map { reference in
                var spec = all
                for other in ["branch", "tag", "commit"] where other != reference { spec[other] = nil }
                return spec
            }
        }
        guard kind == .virtualMachine else { return [all] }
        let boots: [JSON] = [
            ["guest": "builtin"], ["kernel": "k", "initrd": "i", "commandLine": "c"], ["disk": "word"],
        ]
        let named = boots.flatMap { $0.object!.keys }.sorted()
        #expect(named == schema.property("boot")!.keywords.properties.map(\.name).sorted())
        return boots.map { boot in
            var spec = all
            spec["boot"] = boot
            return spec
        }
    }

    private func check<View: SpecView>(_ type: View.Type) throws {
        let schema = try #require(KindSchema.of(View.kind))
        for spec in samples(View.kind) {
            #expect(schema.spec.violations(of: spec, at: .root) == [])
            // Reading refuses what it does not know, so every property of the schema is read,
            let view = try View(json: spec)
            // and writing gives every one of them back, so none is read and dropped.
            #expect(view.json == schema.filled(spec: spec))
            #expect(view.normalForm == schema.normalForm(ofSpec: spec))
            #expect(try View(canonical: view.normalForm.canonicalBytes) == view)
        }
        // What the views write beyond that would be refused by the schema.
        let unknown = #expect(throws: NotUnderstood.self) {
            var spec = samples(View.kind)[0]
            spec["fromTomorrow"] = 1
            _ = try View(json: spec)
        }
        #expect(unknown?.path.description == "spec.fromTomorrow")
        #expect(unknown?.problem == .unknownField)
    }

    @Test("Every property of the schemas is read and written by the views")
    func properties() throws {
        try check(VirtualMachineSpec.self)
        try check(NodeSpec.self)
        try check(ImageSpec.self)
        try check(ManifestSetSpec.self)
        try check(GitRepositorySpec.self)
    }

    /// Every field of a schema that has bounds, with values just beyond them.
    private func beyond(_ schema: Schema, at path: JSONPath) -> [(path: JSONPath, value: JSON)] {
        let keywords = schema.keywords
        var found: [(path: JSONPath, value: JSON)] = []
        func add(_ value: JSON) { found.append((path, value)) }
        if let least = keywords.minimum { add(.integer(least - 1)) }
        if let most = keywords.maximum { add(.integer(most + 1)) }
        if let least = keywords.minimumQuantity?.whole { add(.string(String(least - 1))) }
        if let most = keywords.maximumQuantity?.whole { add(.string(String(most + 1))) }
        if keywords.format == .quantity {
            for text in ["-1", "1n", "9223372036854775807", "9223372036854775808"] { add(.string(text)) }
        }
        if let most = keywords.maxLength { add(.string(String(repeating: "a", count: most + 1))) }
        if let most = keywords.maxItems, let items = keywords.items {
            add(.array(Array(repeating: sample(items), count: most + 1)))
        }
        if case .each(let value) = keywords.additionalProperties, let most = keywords.maxProperties {
            add(.object(JSONObject(uniqueMembers: (0...most).map { .init(key: "k\($0)", value: sample(value)) })))
        }
        for property in keywords.properties {
            found += beyond(property.schema, at: path.appending(property.name))
        }
        if let items = keywords.items { found += beyond(items, at: path.appending(0)) }
        return found
    }

    private func replacing(_ spec: JSON, at steps: ArraySlice<JSONPath.Step>, by value: JSON) -> JSON? {
        guard let step = steps.first else { return value }
        switch step {
        case .key(let key):
            guard var object = spec.object,
                let inner = replacing(object[key] ?? .null, at: steps.dropFirst(), by: value)
            else { return nil }
            object[key] = inner
            return .object(object)
        case .index(let index):
            guard var array = spec.array, array.indices.contains(index),
                let inner = replacing(array[index], at: steps.dropFirst(), by: value)
            else { return nil }
            array[index] = inner
            return .array(array)
        }
    }

    private func checkBounds<View: SpecView>(_ type: View.Type) throws {
        let schema = try #require(KindSchema.of(View.kind)).spec
        let values = beyond(schema, at: .root)
        #expect(!values.isEmpty)
        for spec in samples(View.kind) {
            for (path, value) in values {
                guard let wrong = replacing(spec, at: path.steps[...], by: value) else { continue }
                #expect(schema.violations(of: wrong, at: .root) != [], "\(path) of \(Violation.shown(value))")
                #expect(throws: NotUnderstood.self, "\(path) of \(Violation.shown(value))") { try View(json: wrong) }
            }
        }
    }

    @Test("A stored value beyond the bounds of its schema is not understood, whichever field it is")
    func bounds() throws {
        try checkBounds(VirtualMachineSpec.self)
        try checkBounds(NodeSpec.self)
        try checkBounds(ImageSpec.self)
        try checkBounds(GitRepositorySpec.self)
    }

    @Test("Every number, text, list and map of a spec has an upper bound")
    func boundsAreThere() {
        func check(_ schema: Schema, _ path: JSONPath) {
            let keywords = schema.keywords
            switch keywords.type {
            case .integer: #expect(keywords.minimum != nil && keywords.maximum != nil, "\(path)")
            case .string:
                let isBounded =
                    keywords.choices != nil || keywords.maxLength != nil || keywords.maximumQuantity != nil
                    || [.ipv4, .sha256].contains(keywords.format)
                #expect(isBounded, "\(path)")
            case .array: #expect(keywords.maxItems != nil && keywords.items != nil, "\(path)")
            case .object:
                if schema.isMap { #expect(keywords.maxProperties != nil && keywords.propertyNames != nil, "\(path)") }
            case .boolean, nil: break
            }
            for property in keywords.properties { check(property.schema, path.appending(property.name)) }
            if let items = keywords.items { check(items, path.appending(0)) }
            if case .each(let value) = keywords.additionalProperties { check(value, path.appending("*")) }
        }
        for schema in KindSchema.all { check(schema.spec, JSONPath(keys: schema.kind.kind, "spec")) }
    }

    @Test("An empty spec gives the schema's defaults")
    func defaults() throws {
        #expect(try VirtualMachineSpec(json: [:]) == VirtualMachineSpec())
        #expect(VirtualMachineSpec().json == KindSchema.of(.virtualMachine)!.filled(spec: [:]))
        #expect(VirtualMachineSpec().normalForm == [:])
        #expect(try NodeSpec(json: [:]) == NodeSpec())
        #expect(NodeSpec().json == KindSchema.of(.node)!.filled(spec: [:]))
        let disk: JSON = [
            "disks": [["name": "d", "size": "1Gi"]],
            "networks": [["name": "n", "portForwards": [["hostPort": 1, "guestPort": 2]]]],
        ]
        #expect(try VirtualMachineSpec(json: disk).json == KindSchema.of(.virtualMachine)!.filled(spec: disk))
    }

    @Test("Choices are the same in schema and views")
    func choices() {
        let spec = KindSchema.of(.virtualMachine)!.spec
        func words(_ path: String...) -> [String]? {
            spec.field(at: JSONPath(path.map { .key($0) }))?.keywords.choices?.compactMap(\.string)
        }
        #expect(words("runStrategy") == VirtualMachineSpec.RunStrategy.allCases.map(\.rawValue))
        #expect(words("disks", "format") == VirtualMachineSpec.DiskFormat.allCases.map(\.rawValue))
        #expect(words("networks", "type") == VirtualMachineSpec.NetworkType.allCases.map(\.rawValue))
        #expect(words("networks", "portForwards", "protocol") == PortForward.TransportProtocol.allCases.map(\.rawValue))
        let format = KindSchema.of(.image)!.spec.property("format")?.keywords.choices?.compactMap(\.string)
        #expect(format == ImageSpec.ImageFormat.allCases.map(\.rawValue))
        let drift = KindSchema.of(.gitRepository)!.spec.property("drift")?.keywords.choices?.compactMap(\.string)
        #expect(drift == GitRepositorySpec.Drift.allCases.map(\.rawValue))
    }

    @Test(
        "A stored spec that this program can't read is refused with the field",
        arguments: [
            (#"{"vcpus":"2"}"#, #"spec.vcpus: found "2", must be an integer from 1 to 64"#),
            (
                #"{"disks":[{"name":"d","size":"1Gi","cache":"none"}]}"#,
                "unknown field spec.disks[0].cache: it needs a newer blixard on this node"
            ),
            (#"{"disks":[{"name":"d"}]}"#, "spec.disks[0].size: Required value"),
            (#"{"boot":{"firmware":"x"}}"#, "unknown field spec.boot.firmware: it needs a newer blixard on this node"),
            (
                #"{"runStrategy":"Sometimes"}"#,
                #"spec.runStrategy: found "Sometimes", must be one of Always, RerunOnFailure, Once, Manual, Halted"#
            ),
            (#"{"memory":"x"}"#, #"spec.memory: found "x", must be a quantity of whole bytes from 16Mi to 64Ti"#),
            ("[", "spec: found 1:2: found end of text in [0]: expected a value or ']', must be JSON"),
        ])
    func notUnderstood(text: String, description: String) {
        let error = #expect(throws: NotUnderstood.self) { try VirtualMachineSpec(canonical: Array(text.utf8)) }
        #expect(error?.description == description)
    }
}
