import Contract
import Glibc
import JSONText
import Synchronization
import TestFiles
import Testing

@testable import Commands

@Suite("edit")
struct EditorTests {
    private let web = "/apis/blixard.dev/v1/namespaces/default/virtualmachines/web"

    /// A machine that others may change between reads.
    private final class Machine: Sendable {
        let object = Mutex(Samples.machine("web"))
        /// What the next write meets, and what has become of the object by then.
        let failures = Mutex<[(ClientFailure, JSON?)]>([])

        func respond(_ call: FakeConnection.Call) throws(ClientFailure) -> JSON {
            if call.method == "GET" { return object.withLock { $0 } }
            let failure = failures.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            guard let failure else { return call.body ?? nil }
            if let changed = failure.1 { object.withLock { $0 = changed } }
            throw failure.0
        }
    }

    private let machine = Machine()

    private func bench(_ edit: @escaping @Sendable (String) -> String?) -> Bench {
        let machine = machine
        var bench = Bench(FakeConnection { call throws(ClientFailure) in try machine.respond(call) })
        bench.environment["TMPDIR"] = bench.directory.path
        bench.processes.editor.withLock { $0 = edit }
        return bench
    }

    private static func changed(_ vcpus: Int64, version: String = "13", uid: String? = nil) -> JSON {
        var machine = Samples.machine("web")
        machine["spec"]?["vcpus"] = .integer(vcpus)
        machine["metadata"]?["resourceVersion"] = .string(version)
        if let uid { machine["metadata"]?["uid"] = .string(uid) }
        return machine
    }

    private static let conflict = ClientFailure.refusal("Conflict", "the object has been modified", code: 409)

    @Test("the edited object takes the place of the one that was read")
    func edits() async {
        var bench = bench { $0.replacing("vcpus: 1", with: "vcpus: 3") }
        bench.environment["EDITOR"] = "nano"
        let result = await bench.run("edit", "vm/web")
        #expect(result == Bench.Result(code: 0, output: "virtualmachine.blixard.dev/web edited\n", errors: ""))
        let write = bench.connection.writes[0]
        #expect(write.method == "PUT" && write.path == web)
        #expect(write.body?["spec"]?["vcpus"] == 3)
        #expect(write.body?["metadata"]?["resourceVersion"] == "12")
        let edits = bench.processes.edits.withLock { $0 }
        #expect(edits.map(\.command) == ["nano"])
        #expect(edits[0].text.hasPrefix("# Please edit the object below."))
        #expect(!edits[0].text.contains("status:") && !edits[0].text.contains("uid:"))
        // Nothing is left of the file.
        #expect(access(edits[0].path, F_OK) != 0)
    }

    @Test("an edit as JSON, by the editor that is blixard's own")
    func json() async {
        var bench = bench { $0.replacing("\"vcpus\": 1", with: "\"vcpus\": 3") }
        bench.environment["EDITOR"] = "nano"
        bench.environment["BLIXARD_EDITOR"] = "code --wait"
        let result = await bench.run("edit", "vm", "web", "-o", "json")
        #expect(result.output == "virtualmachine.blixard.dev/web edited\n", "\(result.errors)")
        #expect(bench.processes.edits.withLock { $0.map(\.command) } == ["code --wait"])
    }

    @Test("an unchanged or empty file changes nothing")
    func cancelled() async {
        for (edit, why) in [
            ({ @Sendable (text: String) -> String in text }, "no changes made."),
            ({ @Sendable (text: String) -> String in text + "\n# nothing\n" }, "no changes made."),
            ({ @Sendable (_: String) -> String in "" }, "saved file was empty."),
            ({ @Sendable (_: String) -> String in "# only this\n\n" }, "saved file was empty."),
        ] {
            let bench = bench(edit)
            let result = await bench.run("edit", "vm/web")
            #expect(result == Bench.Result(code: 0, output: "Edit cancelled, \(why)\n", errors: ""))
            #expect(bench.connection.writes.isEmpty)
            #expect(bench.processes.edits.withLock { $0.map(\.command) } == ["vi"])
        }
    }

    @Test("what is wrong is shown at the top of the file, which is opened again")
    func reopened() async {
        let bench = bench { text in
            text.contains("vcpus: 0")
                ? text.replacing("vcpus: 0", with: "vcpus: 2") : text.replacing("vcpus: 1", with: "vcpus: 0")
        }
        let result = await bench.run("edit", "vm/web")
        #expect(result.output == "virtualmachine.blixard.dev/web edited\n", "\(result.errors)")
        let second = bench.processes.edits.withLock { $0[1].text }
        #expect(second.contains("# virtualmachines.blixard.dev \"web\" was not valid:"), "\(second)")
        #expect(second.contains("spec.vcpus: Invalid value: 0"))
        #expect(second.contains("\nspec:\n"))
    }

    @Test("text that stays wrong is kept, and its place is printed")
    func staysWrong() async throws {
        let bench = bench { $0.replacing("name: web", with: "name: db") }
        let result = await bench.run("edit", "vm/web")
        #expect(result.code == 1)
        #expect(result.errors.hasPrefix("error: Edit cancelled, no valid changes were saved.\nA copy of your changes"))
        let path = try #require(bench.processes.edits.withLock { $0.last?.path })
        #expect(result.errors.contains("stored to \"\(path)\""))
        let kept = String(decoding: try LocalFiles.read(path, limit: 1 << 20), as: UTF8.self)
        #expect(kept.contains("name: db"))
        #expect(kept.contains("# the file must hold"))
    }

    @Test("what the server refuses is shown in the file too")
    func refused() async {
        machine.failures.withLock { $0 = [(.refusal("Invalid", "spec.vcpus: too many", code: 422), nil)] }
        let bench = bench { text in
            text.contains("too many")
                ? text.replacing("vcpus: 3", with: "vcpus: 2") : text.replacing("vcpus: 1", with: "vcpus: 3")
        }
        #expect(await bench.run("edit", "vm/web").code == 0)
        #expect(bench.connection.writes.count == 2)
        #expect(bench.connection.writes[1].body?["spec"]?["vcpus"] == 2)
    }

    @Test("changes of others to other fields stay, and so do one's own")
    func merged() async {
        var other = Self.changed(1)
        other["spec"]?["memory"] = "1Gi"
        machine.failures.withLock { $0 = [(Self.conflict, other)] }
        let bench = bench { $0.replacing("vcpus: 1", with: "vcpus: 3") }
        let result = await bench.run("edit", "vm/web")
        #expect(result.code == 0, "\(result.errors)")
        let body = bench.connection.writes[1].body
        #expect(body?["spec"]?["vcpus"] == 3 && body?["spec"]?["memory"] == "1Gi")
        #expect(body?["metadata"]?["resourceVersion"] == "13")
        #expect(Set(bench.connection.writes.map { $0.request?.hex }).count == 2)
    }

    @Test("a change of another to the same field, a deletion and a new object of the name end the edit")
    func conflicts() async {
        let edit = { @Sendable (text: String) -> String? in text.replacing("vcpus: 1", with: "vcpus: 3") }
        machine.failures.withLock { $0 = [(Self.conflict, Self.changed(4))] }
        let same = await bench(edit).run("edit", "vm/web")
        #expect(same.code == 1)
        #expect(same.errors.contains("another changed what you changed: spec.vcpus\nA copy of your changes"))
        machine.object.withLock { $0 = Samples.machine("web") }
        let uid = "00000000-0000-8000-8000-000000000009"
        machine.failures.withLock { $0 = [(Self.conflict, Self.changed(1, uid: uid))] }
        #expect(await bench(edit).run("edit", "vm/web").errors.contains("deleted and made anew meanwhile"))
        machine.object.withLock { $0 = Samples.machine("web") }
        machine.failures.withLock { $0 = [(Self.conflict, nil)] }
        #expect(await bench(edit).run("edit", "vm/web").errors.hasPrefix("Error from server (Conflict)"))
    }

    @Test("an editor that fails ends the edit")
    func failingEditor() async {
        let bench = bench { _ in nil }
        let result = await bench.run("edit", "vm/web")
        #expect(result.code == 1)
        #expect(result.errors.hasPrefix("error: there was a problem with the editor \"vi\": exit code 1\n"))
        #expect(bench.connection.writes.isEmpty)
    }

    @Test("a program in the foreground gets the file behind its own words, and its end is told")
    func foreground() async throws {
        let bench = Bench()
        let path = bench.file("a file.txt", "one")
        let environment = ["PATH": "/usr/bin:/bin", "WORD": "two words"]
        func run(_ command: String) async throws -> ProcessEnding {
            try await HostProcesses().runInForeground(command, arguments: [path], environment: environment)
        }
        #expect(try await run("printf '%s' \"$WORD\" >").isClean)
        #expect(try LocalFiles.read(path, limit: 100) == Array("two words".utf8))
        #expect(try await run("exit 3;").exitCode == 3)
        #expect(try await run("kill -9 $$;").text.hasPrefix("signal 9"))
        #expect(try await run("/nowhere/editor").exitCode == 127)
        let several = try await HostProcesses().runInForeground(
            "printf '%s|' > '\(path)'", arguments: ["a b", "$c"], environment: environment)
        #expect(several.isClean)
        #expect(try LocalFiles.read(path, limit: 100) == Array("a b|$c|".utf8))
    }
}
