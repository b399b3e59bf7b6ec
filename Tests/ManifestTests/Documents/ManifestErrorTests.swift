import JSONText
import Manifest
import Testing

@Suite struct ManifestErrorTests {
    private func problems(_ text: String) -> [String] {
        do throws(ManifestErrors) {
            _ = try ManifestReaderTests.read(text)
            return []
        } catch {
            return error.errors.map(\.message)
        }
    }

    @Test(
        "A wrong spec is refused with what was found and what is allowed",
        arguments: [
            (#"{"vcpus":"two"}"#, #"spec.vcpus: Invalid value: "two": must be an integer, found a string"#),
            (#"{"vcpus":65}"#, "spec.vcpus: Invalid value: 65: must be less than or equal to 64"),
            (#"{"vcpus":1.5}"#, "spec.vcpus: Invalid value: 1.5: must be an integer, found a number"),
            (#"{"vcpus":null}"#, "spec.vcpus: Invalid value: null: must be an integer, found null"),
            (#"{"memory":"15Mi"}"#, #"spec.memory: Invalid value: "15Mi": must be greater than or equal to 16Mi"#),
            (#"{"memory":"65Ti"}"#, #"spec.memory: Invalid value: "65Ti": must be less than or equal to 64Ti"#),
            (
                #"{"memory":"9223372036854771712"}"#,
                #"spec.memory: Invalid value: "9223372036854771712": must be less than or equal to 64Ti"#
            ),
            (
                #"{"memory":"8Ei"}"#,
                #"spec.memory: Invalid value: "8Ei": must be below 8Ei, and not finer than a billionth"#
            ),
            (
                #"{"memory":"64Mii"}"#,
                #"spec.memory: Invalid value: "64Mii": \#(Quantity.rule); found the suffix "Mii", did you mean "Mi"?"#
            ),
            (
                #"{"memory":"64MB"}"#,
                #"spec.memory: Invalid value: "64MB": \#(Quantity.rule); found the suffix "MB", did you mean "M"?"#
            ),
            (#"{"memory":"-0"}"#, #"spec.memory: Invalid value: "-0": must be greater than or equal to 0"#),
            (
                #"{"disks":[{"name":"d","size":"2Pi"}]}"#,
                #"spec.disks[0].size: Invalid value: "2Pi": must be less than or equal to 1Pi"#
            ),
            (
                #"{"boot":{"kernel":"k","commandLine":"a\nb"}}"#,
                #"spec.boot.commandLine: Invalid value: "a\nb": must not hold control characters, such as a line feed"#
            ),
            (#"{"memory":"1.5"}"#, #"spec.memory: Invalid value: "1.5": must be a whole number of bytes"#),
            (#"{"memory":"-1Gi"}"#, #"spec.memory: Invalid value: "-1Gi": must be greater than or equal to 0"#),
            (#"{"memory":128}"#, "spec.memory: Invalid value: 128: must be a string, found a number"),
            (
                #"{"runStrategy":"always"}"#,
                #"spec.runStrategy: Unsupported value: "always": supported values: "Always", "RerunOnFailure", "Once", "Manual", "Halted", did you mean "Always"?"#
            ),
            (
                #"{"boot":{}}"#,
                "spec.boot: Invalid value: {}: must have exactly one of: guest, kernel (with initrd and commandLine), disk"
            ),
            (
                #"{"boot":{"guest":"builtin","kernel":"k"}}"#,
                #"spec.boot: Invalid value: {"guest":"builtin","kernel":"k"}: must have exactly one of: guest, kernel (with initrd and commandLine), disk"#
            ),
            (
                #"{"boot":{"initrd":"k"}}"#,
                #"spec.boot: Invalid value: {"initrd":"k"}: must have exactly one of: guest, kernel (with initrd and commandLine), disk"#
            ),
            (
                #"{"boot":{"disk":"root"}}"#,
                #"spec.boot.disk: Invalid value: "root": must be the name of one of spec.disks: and there is none"#
            ),
            (#"{"disks":[{"name":"d"}]}"#, "spec.disks[0].size: Required value"),
            (#"{"disks":{}}"#, "spec.disks: Invalid value: {}: must be an array, found an object"),
            (
                #"{"networks":[{"name":"n","portForwards":[{"hostPort":0,"guestPort":22}]}]}"#,
                "spec.networks[0].portForwards[0].hostPort: Invalid value: 0: must be greater than or equal to 1"
            ),
            (
                #"{"networks":[{"name":"n","portForwards":[{"hostPort":80,"guestPort":22},{"hostPort":80,"guestPort":23}]}]}"#,
                "spec.networks[0].portForwards[1].hostPort: Duplicate value: 80: 127.0.0.1:80/tcp is 127.0.0.1:80/tcp of spec.networks[0].portForwards[0].hostPort: give one of the two another hostPort"
            ),
            (
                #"{"networks":[{"name":"n","portForwards":[{"hostPort":80,"guestPort":22}]},{"name":"m","portForwards":[{"hostPort":80,"guestPort":23,"hostAddress":"0.0.0.0"}]}]}"#,
                "spec.networks[1].portForwards[0].hostPort: Invalid value: 80: 0.0.0.0:80/tcp overlaps with 127.0.0.1:80/tcp of spec.networks[0].portForwards[0].hostPort: give one of the two another hostPort"
            ),
            (
                #"{"networks":[{"name":"n","portForwards":[{"hostPort":80,"guestPort":22,"hostAddress":"localhost"}]}]}"#,
                #"spec.networks[0].portForwards[0].hostAddress: Invalid value: "localhost": must be an IPv4 address, such as 127.0.0.1"#
            ),
            (
                #"{"nodeSelector":{"a b":"c"}}"#,
                #"spec.nodeSelector["a b"]: Invalid value: "a b": \#(NameRules.labelKeyProblem("a b")!)"#
            ),
            (#"{"nodeSelector":{"a":1}}"#, "spec.nodeSelector.a: Invalid value: 1: must be a string, found a number"),
            (
                #"{"zzz":1}"#,
                #"unknown field "spec.zzz": known fields here: boot, disks, memory, networks, nodeName, nodeSelector, runStrategy, stopped, terminationGracePeriodSeconds, vcpus"#
            ),
            (#"[]"#, "spec: Invalid value: []: must be an object, found an array"),
        ])
    func specs(spec: String, problem: String) {
        #expect(problems(ManifestReaderTests.machine("web", spec)) == [problem])
    }

    @Test("Too many disks are refused with the limit")
    func tooMany() {
        let disks = (0..<17).map { #"{"name":"d\#($0)","size":"1Gi"}"# }.joined(separator: ",")
        #expect(
            problems(ManifestReaderTests.machine("web", #"{"disks":[\#(disks)]}"#)) == [
                "spec.disks: Too many: 17: must have at most 16 items"
            ])
    }

    @Test(
        "A wrong envelope is refused",
        arguments: [
            (#"{}"#, ["kind: Required value", "apiVersion: Required value"]),
            (#"{"kind":"VirtualMachine"}"#, ["apiVersion: Required value", "metadata: Required value"]),
            (
                #"{"apiVersion":"v1","kind":"Node","metadata":{"name":"a"}}"#,
                [#"apiVersion: Unsupported value: "v1": supported values: "blixard.dev/v1""#]
            ),
            (
                #"{"apiVersion":"blixard.dev/v1","kind":"vm","metadata":{"name":"a"}}"#,
                [
                    #"kind: Unsupported value: "vm": supported values: "GitRepository", "Image", "ManifestSet", "Node", "Secret", "VirtualMachine", did you mean "VirtualMachine"?"#
                ]
            ),
            (
                #"{"apiVersion":"blixard.dev/v1","kind":"Event","metadata":{"name":"a"}}"#,
                ["kind: Forbidden: events are written by the cluster alone"]
            ),
            (
                #"{"apiVersion":"blixard.dev/v1","kind":"Node","metadata":{"name":"a","namespace":"b"}}"#,
                ["metadata.namespace: Forbidden: a Node belongs to the whole cluster and may not have a namespace"]
            ),
            (
                #"{"apiVersion":"blixard.dev/v1","kind":"Node","metadata":{"name":"A"}}"#,
                ["metadata.name: Invalid value: \"A\": " + NameRules.labelProblem("A")!]
            ),
            (
                #"{"apiVersion":"blixard.dev/v1","kind":"Node","metadata":{"name":"a","labels":{"x":"y z"}},"sepc":{}}"#,
                [
                    "metadata.labels.x: Invalid value: \"y z\": " + NameRules.labelValueProblem("y z")!,
                    #"unknown field "sepc", did you mean "spec"?"#,
                ]
            ),
            (#"3"#, ["Invalid value: 3: must be an object, found a number"]),
            (#"{"kind":"List"}"#, ["items: Required value"]),
            (#"{"kind":7}"#, ["kind: Invalid value: 7: must be a string, found a number"]),
        ])
    func envelopes(text: String, expected: [String]) {
        #expect(problems(text) == expected)
    }

    @Test(
        "A wrong image is refused",
        arguments: [
            (
                "images/a.raw",
                #"spec.source: Invalid value: "images/a.raw": is a relative path: must be an absolute path on the nodes or an http or https URL"#
            ),
            (
                "file:///a/b",
                #"spec.source: Invalid value: "file:///a/b": must be an absolute path on the nodes or an http or https URL; write a file's path without "file:""#
            ),
            (
                "ftp://a/b",
                #"spec.source: Invalid value: "ftp://a/b": must be an absolute path on the nodes or an http or https URL; must begin with http:// or https://"#
            ),
            (
                "https:///b",
                #"spec.source: Invalid value: "https:///b": must be an absolute path on the nodes or an http or https URL; the URL names no host"#
            ),
            (
                "https://a:99999/b",
                #"spec.source: Invalid value: "https://a:99999/b": must be an absolute path on the nodes or an http or https URL; port "99999" must be a number of 1 to 65535"#
            ),
        ])
    func sources(source: String, problem: String) {
        let digest = "sha256:" + String(repeating: "0a", count: 32)
        let image =
            #"{"apiVersion":"blixard.dev/v1","kind":"Image","metadata":{"name":"i"},"spec":{"source":"\#(source)","digest":"\#(digest)","format":"raw"}}"#
        #expect(problems(image) == [problem])
        #expect(
            problems(image.replacing(source, with: "")) == [
                #"spec.source: Invalid value: "": must be an absolute path on the nodes or an http or https URL"#
            ])
        #expect(problems(image.replacing(source, with: "/var/lib/a.raw")) == [])
        #expect(problems(image.replacing(source, with: "https://example.org/a.raw")) == [])
        #expect(problems(image.replacing(source, with: "/a").replacing("0a0a", with: "0A0A")).count == 1)
    }

    @Test("Reasons carry the names of causes in a Status")
    func reasons() {
        let errors = #expect(throws: ManifestErrors.self) {
            try ManifestReaderTests.read(
                ManifestReaderTests.machine("web", #"{"memroy":"1Gi","vcpus":0,"runStrategy":"x"}"#))
        }
        #expect(errors?.errors.map(\.reason) == [.unknownField, .invalid, .notSupported])
        #expect(ManifestError.Reason.invalid.rawValue == "FieldValueInvalid")
        #expect(ManifestError.Reason.notSupported.rawValue == "FieldValueNotSupported")
    }

    @Test("annotations may have 256 KiB of keys and values in all, and not a byte more, in every kind")
    func annotations() throws {
        for kind in KindInfo.writable {
            let digest = "sha256:" + String(repeating: "a", count: 64)
            let spec =
                switch kind {
                case .image: #"{"source":"/a","format":"raw","digest":"\#(digest)"}"#
                case .gitRepository: #"{"url":"/a"}"#
                case .secret: #"{"sealed":{"a":"1.AAEC"}}"#
                default: "{}"
                }
            // One value may have a quarter of it; a key has two bytes.
            func manifest(_ bytes: Int) -> String {
                let whole = (0..<4).map { "\"k\($0)\":\"\(String(repeating: "x", count: 65_000))\"" }
                let rest = String(repeating: "x", count: bytes - 4 * 65_002 - 2)
                let annotations = (whole + ["\"k4\":\"\(rest)\""]).joined(separator: ",")
                return #"{"apiVersion":"blixard.dev/v1","kind":"\#(kind.kind)","metadata":{"name":"a","annotations":"#
                    + "{\(annotations)}},\"spec\":\(spec)}"
            }
            #expect(problems(manifest(256 << 10)) == [])
            #expect(
                problems(manifest((256 << 10) + 1)) == [
                    "metadata.annotations: Too long: 262145 bytes in all: may not be more than 262144 bytes"
                ])
        }
    }

    @Test("of a hundred thousand unknown fields a thousand are listed, and the others are counted")
    func manyUnknownFields() {
        let members = (0..<100_000).map { JSONObject.Member(key: "memory\($0)", value: 1) }
        let document: JSON = [
            "apiVersion": "blixard.dev/v1", "kind": "VirtualMachine", "metadata": ["name": "a"],
            "spec": .object(JSONObject(uniqueMembers: members)),
        ]
        let source = ManifestSource(name: "a", content: .value(document, position: nil))
        let reader = ManifestReader(namespace: "default", namespaceIsBinding: false)
        let errors = #expect(throws: ManifestErrors.self) { try reader.read([source]) }
        #expect(errors?.errors.count == 1000 && errors?.omitted == 99_000)
        #expect(errors?.errors.allSatisfy { $0.detail.contains("did you mean \"memory\"?") } == true)
    }
}
