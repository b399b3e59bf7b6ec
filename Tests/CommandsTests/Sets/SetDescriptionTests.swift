import Contract
import JSONText
import Manifest
import Primitives
import Testing

@testable import Commands

@Suite("describe and sets")
struct SetDescriptionTests {
    private static func machine(_ name: String, set: String?) -> JSON {
        var machine = Samples.machine(name)
        machine["metadata"]?["manifestSet"] = set.map { .string($0) }
        return machine
    }

    private static let set: JSON = [
        "apiVersion": "blixard.dev/v1", "kind": "ManifestSet",
        "metadata": ["name": "prod", "uid": .string(Samples.uid.description), "generation": 1],
        "spec": ["prune": true],
        "status": [
            "revision": 4, "members": 2, "appliedAt": "2027-01-15T07:55:00Z", "author": "alice",
            "commit": "0123456789abcdef", "message": "more",
        ],
    ]

    /// A cluster whose set has the member web; its newest revision names web, gone, loose and taken.
    private static func answer(_ call: FakeConnection.Call) throws(ClientFailure) -> JSON {
        switch call.path.split(separator: "/").last ?? "" {
        case "web": return machine("web", set: "prod")
        case "lost": return machine("lost", set: "other")
        case "loose": return machine("loose", set: nil)
        case "prod": return set
        case "other": throw .notFound("manifestsets", "other")
        case "4":
            let documents = ["web", "gone", "loose", "taken"].map { name -> JSON in
                ["kind": "VirtualMachine", "metadata": ["name": .string(name), "namespace": "default"]]
            }
            return SetRevisionAnswer(name: "prod", summary: Samples.revision(4), documents: documents + [set]).json
        case "taken": return machine("taken", set: "other")
        case "gone": throw .notFound("virtualmachines", "gone")
        default: return Samples.list([])
        }
    }

    private let bench = Bench(FakeConnection(respond: answer))

    @Test("a member names its set, with what was applied last, by whom and when")
    func member() async {
        let result = await bench.run("describe", "vm", "web")
        #expect(
            result.output.contains("\nSet:          prod (revision 4, commit 0123456789ab, by alice, 5m ago)\n"),
            "\(result)")
    }

    @Test("a set without an object is only named, and what is a member of none says nothing")
    func others() async {
        #expect(await bench.run("describe", "vm", "lost").output.contains("\nSet:          other\n"))
        let loose = await bench.run("describe", "vm", "loose")
        #expect(loose.code == 0 && !loose.output.contains("Set:"))
    }

    @Test("objects of one set are described with one look at it")
    func once() async {
        _ = await bench.run("describe", "vm", "web", "web")
        #expect(bench.connection.calls.count { $0.path.hasSuffix("/manifestsets/prod") } == 1)
    }

    @Test("a set lists what its newest revision names, and says which are members")
    func members() async {
        let result = await bench.run("describe", "set", "prod")
        #expect(
            result.output.contains(
                """
                Members:
                  Kind             Namespace   Name    Standing
                  VirtualMachine   default     gone    not there
                  VirtualMachine   default     loose   member of no set
                  VirtualMachine   default     taken   member of the set other
                  VirtualMachine   default     web     member
                Events:  <none>

                """), "\(result)")
        #expect(result.output.contains("Status:\n  revision: 4\n"))
    }

    @Test("a set without members says so")
    func empty() async {
        var set = Self.set
        set["status"] = ["revision": 0, "members": 0]
        let answer = set
        let bench = Bench(FakeConnection { $0.path.hasSuffix("/prod") ? answer : Samples.list([]) })
        #expect(await bench.run("describe", "set", "prod").output.contains("\nMembers:      <none>\n"))
    }
}
