import Agent
import Fleet
import Host
import Journal
import Mesh
import NIOHTTP1
import Primitives
import Raft
import TestFiles
import Testing

@Suite("A node before it runs")
struct FoundingTests {
    private static let admin = PublicKey([UInt8](repeating: 7, count: 32))!

    private func found(_ path: String, bind: String = "127.0.0.1:7001") throws -> ClusterFounding.Founded {
        try ClusterFounding.found(
            id: 1, name: nil, bind: try HostPort(bind), advertise: [], administrator: Self.admin,
            administratorName: "admin", log: .standard, in: NodeDirectory(path))
    }

    @Test("A node founds a cluster once: key, log with the first entry, and the record that says who it is")
    func once() async throws {
        try await TemporaryDirectory.with(named: "agent") { path in
            let founded = try found(path)
            let directory = NodeDirectory(path)
            let record = try #require(try NodeRecord.read(directory))
            #expect(record.clusterID == founded.clusterID && record.nodeID == 1)
            #expect(try Identity.load(at: directory.key)?.publicKey == founded.nodeKey)
            let inspection = try JournalInspection(on: FileSystemDisk(), directory: directory.journal)
            #expect(inspection.isSound)
            #expect(inspection.recovered?.entries.map(\.index) == [LogIndex(1)])
            #expect(inspection.recovered?.hardState.commit == LogIndex(1))
            #expect(throws: AgentError.self) { try found(path) }
            #expect(try NodeRecord.read(directory) == record)
        }
    }

    @Test("A node founds again where an earlier try was interrupted before its record was written")
    func interrupted() async throws {
        try await TemporaryDirectory.with(named: "agent") { path in
            let first = try found(path)
            try DurableFile.remove(NodeDirectory(path).record)
            let second = try found(path)
            // The key is made once; the log of the try that never ran is not kept.
            #expect(second.nodeKey == first.nodeKey && second.clusterID != first.clusterID)
            let inspection = try JournalInspection(
                on: FileSystemDisk(), directory: NodeDirectory(path).journal)
            #expect(inspection.isSound && inspection.recovered?.identity.clusterID == second.clusterID)
        }
    }

    @Test("A node does not advertise an address that can't be dialed")
    func wildcard() async throws {
        try await TemporaryDirectory.with(named: "agent") { path in
            #expect(throws: AgentError.self) { try found(path, bind: "0.0.0.0:7001") }
            let record = try NodeRecord.read(NodeDirectory(path))
            #expect(record == nil)
        }
    }

    @Test("A node believes a bootstrap endpoint only about a key that is known already")
    func lookup() async throws {
        let key = PublicKey([UInt8](repeating: 3, count: 32))!
        let document = BootstrapDocument(
            nodeID: 1, key: key, addresses: ["127.0.0.1:7001"], relayURL: nil, clusterID: "c", apiVersion: nil,
            name: nil, version: nil)
        try await HTTPSource.with(status: .ok, body: document.json) { port in
            let target = try await BootstrapLookup.target(at: "127.0.0.1:\(port)", trusted: [key])
            #expect(target == .key(key, addresses: ["127.0.0.1:7001"]))
            await #expect(throws: AgentError.self) {
                _ = try await BootstrapLookup.target(at: "http://127.0.0.1:\(port)", trusted: [Self.admin])
            }
        }
        try await HTTPSource.with(status: .ok, body: Array("no document".utf8)) { port in
            await #expect(throws: AgentError.self) {
                _ = try await BootstrapLookup.target(at: "127.0.0.1:\(port)", trusted: [key])
            }
        }
    }
}
