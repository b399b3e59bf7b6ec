import Contract
import Fleet
import JSONText
import Manifest
import Sealing
import Testing

@testable import API

@Suite("What the server answers with Status objects")
struct StatusTests {
    @Test("Unknown fields fail strict decoding, other mistakes make the object invalid")
    func manifests() throws {
        func status(_ spec: JSON) -> APIStatus? {
            #expect(throws: APIStatus.self) {
                try Admission.document(
                    Samples.manifest("web", spec: spec), kind: .virtualMachine, namespace: "default", name: "web")
            }
        }
        let unknown = try #require(status(["vcpuz": 2]))
        #expect(unknown.reason.code == 400)
        #expect(unknown.message.hasPrefix("strict decoding error: unknown field \"spec.vcpuz\""))
        let invalid = try #require(status(["vcpus": 0]))
        #expect(invalid.reason.code == 422)
        #expect(
            invalid.message.hasPrefix("VirtualMachine.blixard.dev \"web\" is invalid: spec.vcpus: Invalid value: 0"))
        #expect(invalid.causes.first?.field == "spec.vcpus")
    }

    @Test("Names and namespaces of body and path must agree")
    func paths() {
        #expect(throws: APIStatus.self) {
            try Admission.document(
                Samples.manifest("web"), kind: .virtualMachine, namespace: "default", name: "other")
        }
        #expect(throws: APIStatus.self) {
            try Admission.document(
                Samples.manifest("web", namespace: "a"), kind: .virtualMachine, namespace: "b", name: nil)
        }
        #expect(throws: APIStatus.self) {
            try Admission.document(Samples.manifest("web"), kind: .node, namespace: "", name: nil)
        }
    }

    @Test("Mutations carry the normal form and the node that a machine demands")
    func mutations() throws {
        let mutations = try Admission.mutations(
            documents: [Samples.manifest("web", spec: ["memory": "1024Mi", "vcpus": 1, "nodeName": "node-2"])],
            sources: ["a.json:1"], sealer: SecretSealer(keyring: Keyring(), current: nil))
        guard case .put(let put) = mutations.first else {
            Issue.record("no put")
            return
        }
        #expect(put.spec == Array(#"{"memory":"1Gi","nodeName":"node-2"}"#.utf8))
        #expect(put.requiredNode == "node-2")
        #expect(put.precondition == .none)
    }
}
