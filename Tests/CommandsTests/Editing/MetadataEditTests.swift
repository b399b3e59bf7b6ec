import Contract
import JSONText
import Testing

@testable import Commands

@Suite("label and annotate")
struct MetadataEditTests {
    private func bench(_ respond: @escaping FakeConnection.Responder) -> Bench {
        Bench(
            FakeConnection { call throws(ClientFailure) in
                call.path == "/blixard/v1/cluster" ? Samples.cluster : try respond(call)
            })
    }

    @Test("annotate sets any text, and label and annotate change several objects")
    func annotate() async {
        let bench = bench { _ in Samples.machine("web") }
        let result = await bench.run("annotate", "vm", "web", "db", "example.org/note=the web: team", "old-")
        #expect(
            result.output == """
                virtualmachine.blixard.dev/web annotated
                virtualmachine.blixard.dev/db annotated

                """)
        #expect(bench.connection.writes.count == 2)
        #expect(
            bench.connection.writes[0].body?["metadata"]?["annotations"] == ["example.org/note": "the web: team"])
        #expect(await bench.run("label", "vm/web", "node/n", "a=b", "--dry-run=server").code == 0)
        #expect(bench.connection.writes.suffix(2).allSatisfy { $0.query["dryRun"] == "All" })
        #expect(await bench.run("annotate", "vm/web", "_=1").errors.hasPrefix("error: invalid annotation key"))
        #expect(await bench.run("annotate", "vm/web").errors.contains("at least one annotation update is required"))
        #expect(await bench.run("annotate", "vm", "a=b").errors.contains("must be named"))
    }
}
