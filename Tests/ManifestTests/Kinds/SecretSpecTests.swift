import JSONText
import Manifest
import Testing

@Suite("Documents of Secrets")
struct SecretSpecTests {
    private static func read(_ members: String) throws(ManifestErrors) -> ManifestDocument {
        let text = #"{"apiVersion":"blixard.dev/v1","kind":"Secret","metadata":{"name":"db"}"# + members + "}"
        let source = ManifestSource(name: "db.json", content: .text(Array(text.utf8)))
        return try ManifestReader(namespace: "default", namespaceIsBinding: false).read([source])[0]
    }

    private static func problems(_ members: String) -> [String] {
        do throws(ManifestErrors) {
            _ = try read(members)
            return []
        } catch {
            return error.errors.map(\.message)
        }
    }

    @Test("values as text and in base64 are the same, and text comes first")
    func values() throws {
        let spec = try SecretSpec(json: Self.read(#","data":{"a":"AAEC","b":"eA=="},"stringData":{"b":"ü"}"#).spec)
        #expect(spec.data == ["a": [0, 1, 2], "b": Array("ü".utf8)])
        #expect(spec.sealed.isEmpty)
    }

    @Test("a document reads again as it was, sealed and in the clear")
    func roundTrip() throws {
        for members in [
            #","stringData":{"a":"x"}"#, #","spec":{"sealed":{"a":"12.AAEC"}}"#,
            #","data":{"a":"AAEC"},"spec":{"sealed":{"b":"1.AAEC"}}"#,
        ] {
            let document = try Self.read(members)
            let source = ManifestSource(name: "again", content: .value(document.json, position: nil))
            let again = try ManifestReader(namespace: "default", namespaceIsBinding: false).read([source])[0]
            #expect(again.specBytes == document.specBytes && again.key == document.key)
        }
    }

    @Test(
        "no message shows a value",
        arguments: [
            #","stringData":{"port":5432}"#, #","data":{"a":"hunter2"}"#, #","data":"hunter2""#,
            #","stringData":["hunter2"]"#, #","stringData":{"a":{"b":"hunter2"}}"#, #","data":{"a":true}"#,
        ])
    func hidden(members: String) {
        let problems = Self.problems(members)
        #expect(problems.count == 1)
        #expect(problems.allSatisfy { $0.contains("(the value is not shown)") && !$0.contains("hunter2") })
        #expect(problems.allSatisfy { !$0.contains("5432") })
    }

    @Test("a Secret without values, with a value twice, with a wrong key or of too many bytes is refused")
    func bounds() {
        #expect(Self.problems("")[0].contains("must have at least one value"))
        #expect(Self.problems(#","data":{},"stringData":{}"#)[0].contains("must have at least one value"))
        #expect(
            Self.problems(#","data":{"a":"eA=="},"spec":{"sealed":{"a":"1.AAEC"}}"#)[0]
                .contains("has a value in data or stringData as well"))
        #expect(Self.problems(#","stringData":{"a b":"x"}"#)[0].contains("\"a b\": must be 1 to 253"))
        #expect(Self.problems(#","stringData":{"":"x"}"#)[0].contains("must be 1 to 253"))
        let half = String(repeating: "x", count: 600_000)
        #expect(Self.problems(#","stringData":{"a":"\#(half)","b":"\#(half)"}"#)[0].contains("1200000 bytes"))
        #expect(Self.problems(#","spec":{"sealed":{"a":"0.AAEC"}}"#)[0].contains("as a cluster sealed it"))
        #expect(Self.problems(#","spec":{"sealed":{"a":"1.AAE"}}"#)[0].contains("as a cluster sealed it"))
        #expect(Self.problems(#","spec":{"data":{"a":"AAEC"}}"#)[0].contains("unknown field"))
    }

    @Test("what differs of two Secrets is said by key, without any value")
    func changes() {
        func sealed(_ values: [String: [UInt8]]) -> SecretSpec {
            SecretSpec(sealed: values.mapValues { SealedValue(version: 1, bytes: $0) })
        }
        let changes = SecretSpec.changes(
            from: sealed(["a": [1], "b": [2], "c": [3]]), to: sealed(["a": [1], "b": [9], "d": [4]]))
        #expect(
            changes.map(\.description) == [
                #"data.b: "(sealed)" -> "(sealed, changed)" (live)"#, #"data.c: "(sealed)" -> <none> (live)"#,
                #"data.d: <none> -> "(sealed)" (live)"#,
            ])
    }

    @Test("a sealed value reads as it is written, and nothing else does")
    func sealedText() {
        #expect(SealedValue("7.AAEC") == SealedValue(version: 7, bytes: [0, 1, 2]))
        #expect(SealedValue(version: 999_999_999, bytes: []).text == "999999999.")
        for text in ["", ".", "1", "1.", "01.AAEC", "+1.AAEC", "1000000000.AAEC", "1.AAEC.", "a.AAEC", "1.AAF="] {
            #expect(SealedValue(text) == nil || text == "1.", "\(text)")
        }
        #expect(SealedValue(version: 1, bytes: [1]).valueCount == 0)
    }
}
