import Host
import JSONText
import Journal
import Mesh
import Primitives
import Raft
import TestFiles
import Testing

@testable import Agent

@Suite("A newcomer before it is answered")
struct NewcomerTests {
    private let bind = try! HostPort("127.0.0.1:7001")

    private func makeLog(_ incarnation: UInt64, in directory: NodeDirectory) throws {
        try Joining.makeLog(
            JournalIdentity(clusterID: "c", nodeID: NodeID(3), incarnation: incarnation), .small, in: directory,
            bind: bind)
    }

    private func loseLog(_ directory: NodeDirectory) throws {
        let disk = FileSystemDisk()
        for name in try disk.list(directory.journal) { try disk.remove(directory.journal + "/" + name) }
    }

    @Test("A newcomer asks as the same one until the directory holds a node, and never as that one without its log")
    func lives() async throws {
        try await TemporaryDirectory.with(named: "agent") { path in
            let directory = NodeDirectory(path)
            let first = try Newcomer.drawn(in: directory, bind: bind)
            #expect(first.incarnation != 0)
            #expect(try Newcomer.drawn(in: directory, bind: bind) == first)
            try makeLog(first.incarnation, in: directory)
            #expect(try Newcomer.drawn(in: directory, bind: bind) == first)
            try Newcomer.settled(directory)
            try Newcomer.settled(directory)
            // Only the record is lost: it is the node of that log.
            #expect(try Newcomer.drawn(in: directory, bind: bind) == first)
            try loseLog(directory)
            let second = try Newcomer.drawn(in: directory, bind: bind)
            #expect(second != first)
            try Newcomer.settled(directory)
            // A founder's, and one of before, say nothing of themselves.
            try makeLog(0, in: directory)
            #expect(throws: AgentError.self) { try Newcomer.drawn(in: directory, bind: bind) }
        }
    }

    @Test(
        "A newcomer does not guess as whom it asked", arguments: ["", "0\n", "x\n", "18446744073709551616\n", "-1\n"])
    func unreadable(text: String) async throws {
        try await TemporaryDirectory.with(named: "agent") { path in
            let directory = NodeDirectory(path)
            try DurableFile.write(Array(text.utf8), to: directory.newcomer, mode: 0o600)
            #expect(throws: AgentError.self) { try Newcomer.drawn(in: directory, bind: bind) }
        }
    }

    @Test("A newcomer is remembered in the node's record; a record of before names none")
    func record() async throws {
        try await TemporaryDirectory.with(named: "agent") { path in
            let directory = NodeDirectory(path)
            var record = NodeRecord(
                clusterID: "c", nodeID: 3, key: Identity().publicKey, bind: bind, members: [], incarnation: .max)
            for incarnation in [UInt64.max, 0] {
                record.incarnation = incarnation
                try record.write(directory)
                #expect(try NodeRecord.read(directory) == record)
                #expect((record.json["incarnation"] == nil) == (incarnation == 0))
            }
            var json = record.json
            json["incarnation"] = 7
            #expect(NodeRecord(json: json) == nil)
        }
    }
}
