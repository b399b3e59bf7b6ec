import JSONText
import Testing

@testable import Commands

@Suite("What people are shown of Secrets")
struct SecretTextTests {
    private func secret(_ sealed: JSON) -> JSON {
        ["apiVersion": "blixard.dev/v1", "kind": "Secret", "metadata": ["name": "db"], "spec": ["sealed": sealed]]
    }

    @Test("each value has a mark with its length, which changes with the value and never shows it")
    func marks() {
        let sealed = "1." + "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"  // 30 bytes, of which two are the value's.
        let other = "1." + "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwe"
        let first = SecretText.marked(secret(["a": .string(sealed), "b": .string(sealed)]))
        let second = SecretText.marked(secret(["a": .string(sealed), "b": .string(other)]))
        #expect(first["spec"] == nil)
        #expect(first["data"]?["a"]?.string?.hasPrefix("2 bytes, sealed (") == true)
        #expect(first["data"]?["a"] == second["data"]?["a"] && first["data"]?["b"] != second["data"]?["b"])
        #expect(!second.prettyText.contains("AAEC"))
    }

    @Test("values that are not sealed yet are not shown either, and other kinds stay as they are")
    func clear() {
        var document = secret([:])
        document["spec"] = nil
        document["stringData"] = ["a": "hunter2"]
        document["data"] = ["b": "aHVudGVyMg=="]
        let marked = SecretText.marked(document)
        #expect(marked["data"] == ["a": "(not sealed yet)", "b": "(not sealed yet)"] && marked["stringData"] == nil)
        let machine: JSON = ["kind": "VirtualMachine", "spec": ["sealed": ["a": "1.AAEC"]]]
        #expect(SecretText.marked(machine) == machine)
    }
}
