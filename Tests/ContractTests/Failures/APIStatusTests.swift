import Fleet
import JSONText
import Manifest
import Testing

@testable import Contract

@Suite("Errors as Status objects")
struct APIStatusTests {
    private let web = KindInfo.virtualMachine.key(namespace: "default", name: "web")

    @Test("A status has the members that kubectl reads")
    func shape() {
        #expect(
            APIStatus.notFound(web).json == [
                "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure",
                "message": "virtualmachines.blixard.dev \"web\" not found", "reason": "NotFound",
                "details": ["name": "web", "group": "blixard.dev", "kind": "virtualmachines"], "code": 404,
            ])
    }

    @Test("A client reads what a server has written", arguments: APIStatus.Reason.all)
    func roundTrip(_ reason: APIStatus.Reason) {
        let causes = [
            APIStatus.Cause(reason: "A", message: "first"),
            APIStatus.Cause(reason: "B", message: "second", field: "spec.vcpus"),
        ]
        // A Status names no namespace, so a key of the whole cluster is what comes back as it was.
        let node = KindInfo.node.key(namespace: "", name: "node-1")
        for key in [nil, node] {
            for seconds in [nil, 1, 86_400] {
                let status = APIStatus(reason, "in\ntwo lines", key: key, causes: causes, retryAfterSeconds: seconds)
                #expect(APIStatus(json: status.json, code: reason.code) == status)
            }
        }
    }

    @Test("The namespace of an object is not part of a status")
    func namespace() {
        let read = APIStatus(json: APIStatus.notFound(web).json, code: 404)
        #expect(read.key == ObjectKey(kind: "VirtualMachine", namespace: "", name: "web"))
        #expect(read.json == APIStatus.notFound(web).json)
    }

    @Test(
        "What is no Status is read as one that says so",
        arguments: [nil, true, 7, "text", [], [[]], [:], ["reason": nil, "message": 3, "details": []]] as [JSON])
    func noStatus(_ json: JSON) {
        let status = APIStatus(json: json, code: 502)
        #expect(status.reason == APIStatus.Reason(word: "Unknown", code: 502))
        #expect(status.message == "the server answered with the code 502 and no reason")
        #expect(status.key == nil)
        #expect(status.causes.isEmpty)
        #expect(status.retryAfterSeconds == nil)
    }

    @Test("Any member may have any type, and the others are read all the same")
    func wrongTypes() {
        let whole = APIStatus(
            .conflict, "message", key: web, causes: [.init(reason: "A", message: "b", field: "c")],
            retryAfterSeconds: 5
        ).json
        let values: [JSON] = [nil, false, 1, "text", [1], ["a": 1], .integer(.max), .integer(.min)]
        for value in values {
            for member in whole.object?.keys ?? [] {
                var json = whole
                json[member] = value
                #expect(APIStatus(json: json, code: 409).reason.code == 409)
            }
            for member in whole["details"]?.object?.keys ?? [] {
                var details = whole["details"] ?? .null
                details[member] = value
                var json = whole
                json["details"] = details
                #expect(APIStatus(json: json, code: 409).message == "message")
            }
        }
        #expect(
            APIStatus(json: ["details": ["causes": [1, ["message": "b", "field": 2]]]], code: 409).causes
                == [.init(reason: "", message: ""), .init(reason: "", message: "b")])
    }

    @Test("A wait that is negative or longer than a day is none", arguments: [-1, 86_401, Int64.max, Int64.min])
    func waits(_ seconds: Int64) {
        let status = APIStatus(json: ["details": ["retryAfterSeconds": .integer(seconds)]], code: 503)
        #expect(status.retryAfterSeconds == nil)
    }

    @Test("A newer server may add members")
    func unknownMembers() {
        var json = APIStatus.notFound(web).json
        json["hint"] = ["a": 1]
        #expect(APIStatus(json: json, code: 404) == APIStatus(json: APIStatus.notFound(web).json, code: 404))
    }

    @Test("Every refusal of the fleet has a code and keeps its words", arguments: Refusal.Reason.allCases)
    func refusals(_ reason: Refusal.Reason) {
        let status = APIStatus([Refusal(reason: reason, key: nil, field: nil, message: "because of x")])
        #expect(status.message == "because of x")
        #expect((400..<500).contains(status.reason.code))
        #expect(status.causes.count == 1)
    }

    @Test("One refusal speaks kubectl's words")
    func oneRefusal() {
        let exists = APIStatus([Refusal(reason: .alreadyExists, key: web, field: nil, message: "it is there")])
        #expect(exists.message == "virtualmachines.blixard.dev \"web\" already exists")
        #expect(exists.reason.code == 409)
        let invalid = APIStatus([
            Refusal(reason: .invalid, key: web, field: "spec.nodeName", message: "it is bound to node-1")
        ])
        #expect(invalid.reason.code == 422)
        #expect(invalid.message.contains("spec.nodeName: it is bound to node-1"))
        #expect(invalid.json["details"]?["kind"] == "VirtualMachine")
    }

    @Test("Several refusals are one answer with a cause for each")
    func severalRefusals() {
        let database = KindInfo.virtualMachine.key(namespace: "default", name: "db")
        let status = APIStatus([
            Refusal(reason: .terminating, key: web, field: nil, message: "node-1 still holds it"),
            Refusal(reason: .invalid, key: database, field: "spec.nodeName", message: "bound elsewhere"),
        ])
        #expect(status.reason == .conflict)
        #expect(status.causes.map(\.reason) == ["Terminating", "FieldValueInvalid"])
        #expect(status.message.contains("* VirtualMachine default/web: node-1 still holds it"))
    }
}
