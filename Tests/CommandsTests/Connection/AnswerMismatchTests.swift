import JSONText
import Testing

@testable import Commands

@Suite("Answers of another form")
struct AnswerMismatchTests {
    private static let key = String(repeating: "0a", count: 32)

    @Test(
        "an answer that does not decode is one failure, which says what is wrong, whatever the command",
        arguments: [
            ["cluster", "status"], ["cluster", "status", "-o", "json"], ["cluster", "remove", "node-3", "--id", "3"],
            ["ticket", "create"], ["access", "list"], ["access", "revoke", key],
            ["access", "grant", key, "--role", "viewer"], ["diff"], ["apply", "-f", "FILE"], ["delete", "vm", "web"],
            ["vm", "restart", "web"],
        ])
    func mismatch(line: [String]) async {
        for answer in [nil, [], [:], ["results": 7, "revision": 7]] as [JSON] {
            let bench = Bench(FakeConnection { _ in answer })
            let file = bench.file("a.json", Samples.manifest)
            let result = await bench.run(line.map { $0 == "FILE" ? file : $0 })
            #expect(result.code == (line[0] == "diff" ? 2 : 1))
            #expect(result.output == "")
            #expect(
                result.errors.hasPrefix("error: the server's answer can't be understood: the "), "\(result.errors)")
        }
    }
}
