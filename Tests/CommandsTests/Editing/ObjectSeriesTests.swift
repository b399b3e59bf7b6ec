import Contract
import JSONText
import Testing

@testable import Commands

@Suite("create and replace")
struct ObjectSeriesTests {
    private func bench(_ respond: @escaping FakeConnection.Responder) -> Bench {
        Bench(
            FakeConnection { call throws(ClientFailure) in
                call.path == "/blixard/v1/cluster" ? Samples.cluster : try respond(call)
            })
    }

    private static let three = ["web", "db", "cache"].map {
        #"{"apiVersion": "blixard.dev/v1", "kind": "VirtualMachine", "metadata": {"name": "\#($0)"}, "spec": {}}"#
    }.joined(separator: "\n")

    @Test("create makes one object after the other, each by a request of its own")
    func create() async {
        let bench = bench { call in Samples.machine(call.body?["metadata"]?["name"]?.string ?? "none") }
        let result = await bench.run("create", "-f", bench.file("three.json", Self.three), "--dry-run=server")
        #expect(
            result.output == """
                virtualmachine.blixard.dev/web created (server dry run)
                virtualmachine.blixard.dev/db created (server dry run)
                virtualmachine.blixard.dev/cache created (server dry run)

                """)
        let writes = bench.connection.writes
        #expect(writes.allSatisfy { $0.method == "POST" && $0.query["dryRun"] == "All" })
        #expect(Set(writes.map { $0.request?.hex }).count == 3)
        let names = await bench.run("create", "-f", bench.file("three.json", Self.three), "-o", "name")
        #expect(names.output.split(separator: "\n").count == 3)
        #expect(await bench.run("create", "-f", bench.file("three.json", Self.three), "-o", "wide").code == 1)
    }

    @Test("create and replace stop at the first failure and say what was done and what was not")
    func firstFailure() async {
        let bench = bench { call throws(ClientFailure) in
            guard call.body?["metadata"]?["name"] == "db" else { return Samples.machine("web") }
            if call.method == "PUT" { throw .notFound("virtualmachines", "db") }
            throw .refusal(
                "AlreadyExists", "virtualmachines.blixard.dev \"db\" already exists", code: 409,
                details: ["causes": [["reason": "AlreadyExists", "message": "it exists"]]])
        }
        let path = bench.file("three.json", Self.three)
        let created = await bench.run("create", "-f", path)
        #expect(created.code == 1)
        #expect(created.output == "virtualmachine.blixard.dev/web created\n")
        #expect(
            created.errors == """
                Error from server (AlreadyExists): error when creating "\(path):2:1": virtualmachines.blixard.dev "db" \
                already exists
                1 of 3 created; not created: virtualmachine.blixard.dev/db, virtualmachine.blixard.dev/cache

                """)
        let replaced = await bench.run("replace", "-f", path)
        #expect(replaced.output == "virtualmachine.blixard.dev/web replaced\n")
        #expect(
            replaced.errors.contains(
                "error when replacing \"\(path):2:1\": virtualmachines.blixard.dev \"db\" not found"))
        #expect(bench.connection.writes.last?.path.hasSuffix("/virtualmachines/db") == true)
    }

    @Test("an answer that is lost among several objects names the object, and for one the command that repeats it")
    func lostAnswer() async {
        let bench = bench { call throws(ClientFailure) in
            throw .lostAnswer(request: nil, reason: "reset")
        }
        let three = await bench.run("create", "-f", bench.file("three.json", Self.three))
        #expect(three.errors.hasPrefix("error: outcome unknown: virtualmachine.blixard.dev/web may still be created"))
        #expect(three.errors.contains("0 of 3 created"))
        let one = await bench.run("create", "-f", bench.file("one.json", Samples.manifest))
        #expect(one.errors.contains("--request-id 01010101"), "\(one.errors)")
        let id = String(repeating: "0", count: 32)
        let several = await bench.run("create", "-f", bench.file("three.json", Self.three), "--request-id", id)
        #expect(several.errors == "error: --request-id is for one object; found 3\n")
    }
}
