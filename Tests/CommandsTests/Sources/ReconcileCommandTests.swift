import Contract
import Fleet
import JSONText
import Manifest
import Testing

@testable import Commands

@Suite("blixard reconcile")
struct ReconcileCommandTests {
    private static let request = RequestID(high: 1, low: 2)

    /// A cluster that takes the request and whose repository says this of it.
    private func bench(handled: String?, ready: String = "True", reason: String = "Applied") -> Bench {
        Bench(
            FakeConnection { call in
                if call.path.hasSuffix("/reconcile") {
                    return ReconcileAnswer(request: Self.request, waits: false).json
                }
                var object: JSON = [
                    "kind": "GitRepository", "metadata": ["name": "infra", "uid": "u"],
                    "status": [
                        "conditions": [
                            [
                                "type": "Ready", "status": .string(ready), "reason": .string(reason),
                                "message": "m\u{1b}",
                            ]
                        ]
                    ],
                ]
                object["status"]?["lastHandledRequest"] = handled.map(JSON.string)
                return object
            })
    }

    @Test("the leader is asked once, and the command ends when the fetch has begun")
    func asks() async {
        let bench = bench(handled: nil)
        let result = await bench.run("reconcile", "git/infra")
        #expect(result == Bench.Result(code: 0, output: "gitrepository.blixard.dev/infra is fetched\n", errors: ""))
        #expect(bench.connection.writes.map(\.path) == ["/blixard/v1/gitrepositories/infra/reconcile"])
    }

    @Test("with --wait it ends when the fetch that was asked for has ended")
    func waits() async {
        let result = await bench(handled: Self.request.description)
            .run("reconcile", "gitrepository", "infra", "--wait")
        #expect(result.code == 0, "\(result)")
        #expect(result.output.hasPrefix("gitrepository.blixard.dev/infra is in force: m"))
    }

    @Test("a commit that is not in force is an error with its reason")
    func fails() async {
        let result = await bench(handled: Self.request.description, ready: "False", reason: "BadCommit")
            .run("reconcile", "git/infra", "--wait")
        #expect(result.code == 1)
        #expect(result.errors.contains("gitrepository.blixard.dev/infra is not in force: BadCommit: m"))
    }

    @Test("a fetch that does not end in time is an error, and the next leader is asked meanwhile")
    func late() async {
        let bench = bench(handled: "other")
        let result = await bench.run("reconcile", "git/infra", "--wait", "--timeout", "45s")
        #expect(result.code == 1)
        #expect(result.errors.contains("timed out waiting for the fetch of gitrepository.blixard.dev/infra"))
        #expect(bench.connection.writes.count == 2)
    }

    @Test("what names no repository is refused", arguments: [["vm/web"], ["git"], ["git/a", "git/b"]])
    func refused(words: [String]) async {
        let bench = bench(handled: nil)
        #expect(await bench.run(["reconcile"] + words).code != 0)
        #expect(bench.connection.writes.isEmpty)
    }
}
