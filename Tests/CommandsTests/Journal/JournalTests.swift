import Glibc
import Host
import JSONText
import Journal
import Raft
import TestFiles
import Testing

@testable import Commands

@Suite("journal inspect and verify")
struct JournalTests {
    private let bench = Bench()
    private var data: String { bench.directory.path + "/node" }
    private var raft: String { data + "/raft" }

    /// A log of two segments with a snapshot, closed.
    private func makeLog() throws {
        let disk = FileSystemDisk()
        try disk.createDirectory(data)
        let log = try WriteAheadLog.create(
            on: disk, directory: raft,
            identity: JournalIdentity(clusterID: "c0ffee", nodeID: NodeID(3), incarnation: 0),
            parameters: JournalParameters(
                segmentBytes: 8192, hardStateBytes: 1024, reserveBytes: 0, snapshotChunkBytes: 1000),
            saltSeed: 7)
        func entry(_ index: UInt64, _ term: UInt64, bytes: Int) -> Entry {
            Entry(term: Term(term), index: LogIndex(index), data: [UInt8](repeating: UInt8(index), count: bytes))
        }
        func state(_ term: UInt64, commit: UInt64) -> HardState {
            HardState(term: Term(term), vote: NodeID(3), commit: LogIndex(commit))
        }
        try log.append([
            JournalWrite(hardState: state(1, commit: 0), entries: [entry(1, 1, bytes: 900), entry(2, 1, bytes: 900)])
        ])
        try log.append([JournalWrite(hardState: state(2, commit: 1), entries: [entry(2, 2, bytes: 300)])])
        try log.saveSnapshot(
            JournalSnapshot(
                snapshot: Snapshot(
                    metadata: SnapshotMetadata(
                        index: LogIndex(1), term: Term(1), confState: ConfState(voters: [NodeID(3), NodeID(4)])),
                    data: [1, 2, 3]),
                stateHash: 0xabc))
        try log.append([JournalWrite(hardState: state(2, commit: 2), entries: [entry(3, 2, bytes: 1200)])])
        try log.append([
            JournalWrite(
                hardState: state(2, commit: 3),
                entries: [Entry(term: Term(2), index: LogIndex(4), kind: .membership, data: [])])
        ])
        try log.seal()
        log.close()
    }

    private var files: [String] { (try? FileSystemDisk().list(raft)) ?? [] }

    /// Changes one byte of a file, or cuts the file.
    private func damage(_ name: String, at offset: Int) throws {
        let file = try FileSystemDisk().open(raft + "/" + name, for: .readingAndWriting)
        defer { file.close() }
        let byte = try file.read(at: offset, count: 1)[0]
        try file.write([byte ^ 0x10], at: offset)
    }

    /// Everything of the directory: names, lengths and contents.
    private func content() throws -> [String: [UInt8]] {
        var content: [String: [UInt8]] = [:]
        for name in files { content[name] = try DurableFile.read(raft + "/" + name, limit: 1 << 20) }
        return content
    }

    @Test("inspect shows whose log it is, its segments and snapshots, and changes nothing")
    func inspect() async throws {
        try makeLog()
        let before = try content()
        let result = await bench.run("journal", "inspect", data)
        #expect(result.code == 0 && result.errors == "")
        #expect(
            result.output == """
                Journal:      \(raft)
                Cluster:      c0ffee
                Node:         3, incarnation 0
                Held by:      no process of this host
                Term:         2
                Vote:         node 3
                Commit:       3
                Log:          entries 2 to 4 after the snapshot of index 1
                Next start:   finds all that the log shows as written

                Segments:
                  FILE                                        SEQUENCE   BATCHES   SEALS   ENTRIES   INDEXES   TERMS   USED   SIZE   END
                  wal-0000000000000001-0000000000000001.log   1          4         0       3         1..2      1..2    6560   8192   clean
                  wal-0000000000000002-0000000000000003.log   2          3         1       2         3..4      2       5568   8192   clean

                Snapshots:
                  FILE                                          INDEX   TERM   VOTERS   LEARNERS   BYTES   STATE HASH         STATUS
                  snap-0000000000000001-0000000000000001.snap   1       1      3,4      <none>     3       0000000000000abc   sound

                """)
        #expect(try content() == before)
        #expect(await bench.run("journal", "inspect", raft + "/").output == result.output)
    }

    @Test("inspect lists the entries that are asked for, also those that were replaced")
    func entries() async throws {
        try makeLog()
        let result = await bench.run("journal", "inspect", data, "--entries", "2..3")
        let lines = result.output.split(separator: "\n").suffix(4).map {
            $0.split(separator: " ").prefix(5).map(String.init) + [String($0.split(separator: " ").last!)]
        }
        #expect(
            lines == [
                ["INDEX", "TERM", "KIND", "BYTES", "BATCH", "STATUS"], ["2", "1", "normal", "900", "1", "replaced"],
                ["2", "2", "normal", "300", "2", "current"], ["3", "2", "normal", "1200", "5", "current"],
            ])
        #expect(await bench.run("journal", "inspect", data, "--entries", "4..").output.contains("membership"))
        #expect(await bench.run("journal", "inspect", data, "--entries", "90").output.contains("Entries:\n  <none>"))
        for wrong in ["x", "..", "3..1", "1..2..3", "-1"] {
            let refused = await bench.run("journal", "inspect", data, "--entries=\(wrong)")
            #expect(refused.code == 1 && refused.output == "")
            #expect(refused.errors.hasPrefix("error: --entries \(wrong)"))
        }
    }

    @Test("inspect says all of a log in numbers with -o json, and the same with yaml and jsonpath")
    func json() async throws {
        try makeLog()
        let result = await bench.run("journal", "inspect", data, "--entries", "1..", "-o", "json")
        let value = try JSON(parsing: Array(result.output.utf8))
        #expect(value["sound"] == true)
        #expect(value["identity"] == ["cluster": "c0ffee", "node": 3, "incarnation": 0])
        #expect(value["start"]?["hardState"] == ["term": 2, "vote": 3, "commit": 3])
        #expect(value["start"]?["lastIndex"] == 4)
        #expect(value["segments"]?.array?.count == 2)
        #expect(value["segments"]?.array?[1]["indexes"] == ["from": 3, "to": 4])
        #expect(value["snapshots"]?.array?[0]["stateHash"] == "0000000000000abc")
        #expect(value["entries"]?.array?.compactMap { $0["index"]?.integer } == [1, 2, 2, 3, 4])
        #expect(value["problems"] == [])
        let path = await bench.run("journal", "verify", data, "-o", "jsonpath={.start.lastTerm}")
        #expect(path.output == "2")
        #expect(await bench.run("journal", "inspect", data, "-o", "yaml").output.contains("sound: true\n"))
        #expect(await bench.run("journal", "inspect", data, "-o", "name").code == 1)
    }

    @Test("verify is content with a sound log, and with an interrupted write at its end")
    func sound() async throws {
        try makeLog()
        let result = await bench.run("journal", "verify", data)
        #expect(
            result
                == Bench.Result(
                    code: 0,
                    output: """
                        \(raft): 2 segments, 7 batches, 5 entries, 1 snapshot: sound
                        The next start finds all that the log shows as written.

                        """,
                    errors: ""))
        // A part of a head, as a crash leaves it.
        let last = raft + "/" + files.last { $0.hasPrefix("wal-") }!
        let file = try FileSystemDisk().open(last, for: .readingAndWriting)
        try file.write(Array("BLXB".utf8) + [1, 2, 3], at: 6000)
        file.close()
        let torn = await bench.run("journal", "verify", data)
        #expect(torn.code == 0)
        #expect(torn.output.contains("cuts off"))
        let inspected = await bench.run("journal", "inspect", data, "-o", "json")
        let segments = try JSON(parsing: Array(inspected.output.utf8))["segments"]?.array
        #expect(segments?.last?["ending"]?["state"] == "torn")
    }

    @Test("verify names file, offset, entries and the way out of a damaged log, with exit code 70")
    func damaged() async throws {
        try makeLog()
        let name = files.first { $0.hasPrefix("wal-") }!
        try damage(name, at: 4096 + 200)
        let before = try content()
        let result = await bench.run("journal", "verify", data)
        #expect(result.code == 70)
        #expect(result.output.contains("1 snapshot: damaged\n"))
        #expect(result.output.contains("The next start refuses, with exit code 70.\n"))
        #expect(result.errors.hasPrefix("error: journal damaged: \(raft)/\(name) at byte 4096: batch 1 is not whole"))
        #expect(result.errors.contains("entries 1 to 2 can't be read"))
        #expect(result.errors.contains("Keep a copy of the directory; then take this node out"))
        let json = await bench.run("journal", "verify", data, "-o", "json")
        #expect(json.code == 70 && json.errors == "")
        let problem = try JSON(parsing: Array(json.output.utf8))["problems"]?.array?.first
        #expect(problem?["offset"] == 4096 && problem?["firstIndex"] == 1 && problem?["exitCode"] == 70)
        // Showing it is no failure.
        let shown = await bench.run("journal", "inspect", data)
        #expect(shown.code == 0)
        #expect(shown.output.contains("Problems:\n  journal damaged: "))
        #expect(try content() == before)
    }

    @Test("verify finds damage in a snapshot that the log names")
    func damagedSnapshot() async throws {
        try makeLog()
        let name = files.first { $0.hasPrefix("snap-") }!
        try damage(name, at: 30)
        let result = await bench.run("journal", "verify", data)
        #expect(result.code == 70)
        #expect(result.errors.contains(name))
    }

    @Test("Who has the log open is told")
    func held() async throws {
        try makeLog()
        let lock = try DirectoryLock(file: raft + "/LOCK")
        defer { lock.release() }
        #expect(await bench.run("journal", "inspect", data).output.contains("Held by:      process \(getpid()): "))
        let verified = await bench.run("journal", "verify", data)
        #expect(verified.code == 0)
        #expect(verified.output.contains("Held by process \(getpid()): "))
    }

    @Test("A directory without a log is refused with what to name instead")
    func missing() async {
        for verb in ["inspect", "verify"] {
            let result = await bench.run("journal", verb, bench.directory.path)
            #expect(result.code == 1 && result.output == "")
            #expect(result.errors.hasPrefix("error: there is no journal in \(bench.directory.path): name the data"))
            #expect(await bench.run("journal", verb, "/nowhere/at/all").code == 1)
        }
        #expect(await bench.run("journal").output.contains("inspect"))
    }
}
