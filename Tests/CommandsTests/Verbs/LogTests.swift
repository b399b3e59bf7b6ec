import Contract
import JSONText
import Primitives
import Testing

@testable import Commands

@Suite("logs")
struct LogTests {
    private func bench(_ log: FakeConnection.Log) -> Bench { Bench(FakeConnection(log: log) { _ in nil }) }

    @Test("bytes are printed as they are where nobody watches, also those that are no text")
    func bytes() async {
        let bytes: [UInt8] = [0x1b, 0x5b, 0x32, 0x4a, 0xff, 0x0d, 0x0a]
        let bench = bench(FakeConnection.Log(pieces: [bytes, bytes]))
        let result = await bench.run("logs", "vm/web", "--tail", "5")
        #expect(result.outputBytes == bytes + bytes && result.errors.isEmpty)
        let call = bench.connection.calls[0]
        #expect(call.path == "/blixard/v1/namespaces/default/virtualmachines/web/log")
        #expect(call.query == ["tailLines": "5"])
    }

    @Test("a terminal gets whole characters and lines, and nothing that it obeys")
    func terminal() async {
        var bench = bench(
            FakeConnection.Log(pieces: [
                Array("a\n\u{fc}".utf8).dropLast(), [0xbc, 0x0d], Array("\nb\tc\rd\u{1b}[2J\u{9b}1m\u{202e}".utf8),
                [0xe2, 0x80],
            ]))
        bench.outputIsWatched = true
        let result = await bench.run("logs", "web")
        #expect(result.output == "a\n\u{fc}\nb\tc\\rd\\u{1b}[2J\\u{9b}1m\\u{202e}\u{fffd}")
    }

    @Test(
        "what is left out is said on standard error",
        arguments: [
            (
                FakeConnection.Log(pieces: [[0x61]], offset: 4096, keptOffset: 4096), [],
                "the log of web begins at byte 4096: what came before was dropped\n"
            ),
            (FakeConnection.Log(pieces: [[0x61]], offset: 9000, keptOffset: 4096), ["--tail", "1"], ""),
            (
                FakeConnection.Log(pieces: [[0x61, 0x62]], endOffset: 90), ["--limit-bytes", "2"],
                "--limit-bytes 2 leaves out the bytes 2 to 90 of the log of web\n"
            ),
            (FakeConnection.Log(pieces: [[0x61, 0x62]]), ["--limit-bytes", "2"], ""),
            (FakeConnection.Log(pieces: [[0x61, 0x62]], offset: .max, endOffset: .max), ["--limit-bytes", "2"], ""),
        ] as [(FakeConnection.Log, [String], String)])
    func leftOut(log: FakeConnection.Log, flags: [String], said: String) async {
        let result = await bench(log).run(["logs", "web"] + flags)
        #expect(result.code == 0 && result.errors == said)
    }

    @Test(
        "a bound that is none is an error",
        arguments: [["--tail", "-2"], ["--limit-bytes", "0"], ["--limit-bytes", "-1"]])
    func bounds(flags: [String]) async {
        let bench = bench(FakeConnection.Log())
        #expect(await bench.run(["logs", "web"] + flags).code == 1)
        #expect(bench.connection.calls.isEmpty)
    }

    @Test("events of one moment stand in the order of what happened, and describe shows those of this very object")
    func events() async {
        func event(_ reason: String, _ version: String, uid: String) -> JSON {
            [
                "reason": .string(reason), "type": "Normal", "message": "m", "lastTimestamp": "2027-01-15T07:59:00Z",
                "metadata": ["resourceVersion": .string(version)],
                "involvedObject": ["kind": "VirtualMachine", "name": "web", "uid": .string(uid)],
            ]
        }
        let items = [
            event("Started", "101", uid: Samples.uid.description), event("Stopped", "99", uid: Samples.uid.description),
            event("Deleted", "7", uid: "old"),
        ]
        let bench = Bench(
            FakeConnection { call in
                call.path.hasSuffix("/events") ? Samples.list(items, kind: "EventList") : Samples.machine("web")
            })
        func reasons(_ text: String) -> [String] {
            text.split { $0 == " " || $0 == "\n" }.map(String.init)
                .filter { ["Deleted", "Stopped", "Started"].contains($0) }
        }
        #expect(reasons(await bench.run("events", "--for", "vm/web").output) == ["Deleted", "Stopped", "Started"])
        #expect(reasons(await bench.run("describe", "vm", "web").output) == ["Stopped", "Started"])
    }
}
