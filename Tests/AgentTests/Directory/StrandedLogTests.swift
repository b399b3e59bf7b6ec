import Fleet
import Host
import Journal
import Logging
import Mesh
import Primitives
import Raft
import TestFiles
import Testing

@testable import Agent

@Suite("A log without the record of its node")
struct StrandedLogTests {
    private static let admin = PublicKey([UInt8](repeating: 7, count: 32))!

    private func found(_ directory: NodeDirectory) throws(AgentError) -> ClusterFounding.Founded {
        try ClusterFounding.found(
            id: 1, name: nil, bind: HostPort(host: "127.0.0.1", port: 7001), advertise: [],
            administrator: Self.admin, administratorName: "admin", log: .small, in: directory)
    }

    private func open(_ directory: NodeDirectory) throws(JournalError) -> WriteAheadLog {
        try WriteAheadLog.open(
            on: FileSystemDisk(), directory: directory.journal, expecting: nil, parameters: .small, saltSeed: 5
        ).log
    }

    /// A founded node that has run for a while and whose record is gone.
    private func strand(_ directory: NodeDirectory, entries: UInt64 = 5) throws -> ClusterFounding.Founded {
        let founded = try found(directory)
        let log = try open(directory)
        try log.append([
            JournalWrite(
                hardState: HardState(term: Term(2), vote: NodeID(1), commit: LogIndex(entries)),
                entries: (2...entries).map { Entry(term: Term(2), index: LogIndex($0), data: [1]) })
        ])
        log.close()
        try DurableFile.remove(directory.record)
        return founded
    }

    private func files(_ directory: NodeDirectory) throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for name in try FileSystemDisk().list(directory.journal) {
            files[name] = try DurableFile.read(directory.journal + "/" + name, limit: 1 << 20)
        }
        return files
    }

    private func settings(_ path: String, join: JoinSettings?) -> AgentSettings {
        AgentSettings(
            dataDirectory: path, bind: HostPort(host: "127.0.0.1", port: 7001), bootstrapBind: nil, advertise: [],
            hypervisor: .simulated, cpus: nil, memoryBytes: nil, sourceDirectories: [],
            join: join, version: "1", log: .small)
    }

    private func join(_ clusterID: String) throws -> JoinSettings {
        let member = Ticket.Member(key: Self.admin, addresses: ["127.0.0.1:1"], nodeID: 1)
        let ticket = try Ticket(
            clusterID: clusterID, members: [member], secret: [UInt8](repeating: 1, count: Ticket.secretBytes),
            expiry: WallTime(milliseconds: .max))
        return JoinSettings(ticket: ticket, targets: [], name: nil)
    }

    @Test("A log without a record is never founded over: founding names cluster, node, last index and the way back")
    func founding() async throws {
        try await TemporaryDirectory.with(named: "agent") { path in
            let directory = NodeDirectory(path)
            let founded = try strand(directory)
            let before = try files(directory)
            let refusal = try #require(throws: AgentError.self) { try found(directory) }
            #expect(try files(directory) == before)
            #expect(try NodeRecord.read(directory) == nil)
            for part in [founded.clusterID, "node 1", "index 5", directory.record, directory.journal] {
                #expect(refusal.description.contains(part), "\(refusal)")
            }
        }
    }

    @Test("A log without a record is never founded over while a process has it open, also when it says nothing yet")
    func foundingBesideProcess() async throws {
        try await TemporaryDirectory.with(named: "agent") { path in
            let directory = NodeDirectory(path)
            _ = try found(directory)
            let log = try open(directory)
            defer { log.close() }
            try DurableFile.remove(directory.record)
            let before = try files(directory)
            let refusal = try #require(throws: AgentError.self) { try found(directory) }
            #expect(refusal.description.contains("locked"))
            #expect(try files(directory) == before)
        }
    }

    @Test(
        "A log without a record is never founded over when it has only a vote, term or snapshot beyond a founding",
        arguments: 0..<3
    )
    func littleMore(what: Int) async throws {
        try await TemporaryDirectory.with(named: "agent") { path in
            let directory = NodeDirectory(path)
            _ = try found(directory)
            let log = try open(directory)
            switch what {
            case 0:
                try log.append([JournalWrite(hardState: HardState(term: Term(1), vote: NodeID(2), commit: LogIndex(1)))]
                )
            case 1: try log.append([JournalWrite(hardState: HardState(term: Term(2), vote: nil, commit: LogIndex(1)))])
            default:
                let metadata = SnapshotMetadata(
                    index: LogIndex(1), term: Term(1), confState: ConfState(voters: [NodeID(1)]))
                try log.saveSnapshot(
                    JournalSnapshot(snapshot: Snapshot(metadata: metadata, data: [1]), stateHash: 1))
            }
            log.close()
            try DurableFile.remove(directory.record)
            let before = try files(directory)
            #expect(throws: AgentError.self) { try found(directory) }
            #expect(try files(directory) == before)
        }
    }

    @Test("A log without a record is never founded over when it can't be read, and then the damage is told")
    func damaged() async throws {
        try await TemporaryDirectory.with(named: "agent") { path in
            let directory = NodeDirectory(path)
            _ = try strand(directory)
            let segment = try #require(try files(directory).keys.sorted().first { $0.hasPrefix("wal-") })
            let file = try FileSystemDisk().open(directory.journal + "/" + segment, for: .readingAndWriting)
            try file.write([0xff], at: 100)
            file.close()
            let before = try files(directory)
            let refusal = try #require(throws: AgentError.self) { try found(directory) }
            #expect(refusal.exitCode == 70 && refusal.description.contains(segment))
            #expect(try files(directory) == before)
        }
    }

    @Test("A start names a log without a record, and does not say to found a cluster there")
    func start() async throws {
        try await TemporaryDirectory.with(named: "agent") { path in
            let directory = NodeDirectory(path)
            let founded = try strand(directory)
            let before = try files(directory)
            let refusal = try await #require(throws: AgentError.self) {
                try await NodeAgent(settings(path, join: nil), logger: SnapshotFixture.quiet).run()
            }
            #expect(refusal.description.contains(founded.clusterID) && refusal.description.contains("index 5"))
            #expect(!refusal.description.contains("cluster init"))
            #expect(try files(directory) == before)
        }
    }

    @Test("A log without a record can be gone on with by the record that the refusal spells out")
    func wayBack() async throws {
        try await TemporaryDirectory.with(named: "agent") { path in
            let directory = NodeDirectory(path)
            let founded = try strand(directory)
            let refusal = try #require(throws: AgentError.self) { try found(directory) }.description
            let start = try #require(refusal.firstIndex(of: "{"))
            let end = try #require(refusal.lastIndex(of: "}"))
            try DurableFile.write(Array(refusal[start...end].utf8), to: directory.record, mode: 0o600)
            let record = try #require(try NodeRecord.read(directory))
            #expect(record.clusterID == founded.clusterID && record.nodeID == 1)
            #expect(record.bind == HostPort(host: "127.0.0.1", port: 7001))
        }
    }

    @Test("A log of another cluster keeps a node from joining, before any member is asked")
    func joiningElsewhere() async throws {
        try await TemporaryDirectory.with(named: "agent") { path in
            let directory = NodeDirectory(path)
            let founded = try strand(directory)
            let refusal = try await #require(throws: AgentError.self) {
                try await NodeAgent(settings(path, join: join("other")), logger: SnapshotFixture.quiet).run()
            }
            #expect(refusal.description.contains(founded.clusterID) && refusal.description.contains("other"))
            #expect(try NodeRecord.read(directory) == nil)
        }
    }

    @Test("A log of another node keeps a newcomer from being written down; its own is taken over as it is")
    func newcomersLog() async throws {
        try await TemporaryDirectory.with(named: "agent") { path in
            let directory = NodeDirectory(path)
            let bind = HostPort(host: "127.0.0.1", port: 7001)
            let own = JournalIdentity(clusterID: "c", nodeID: NodeID(4), incarnation: 0)
            try Joining.makeLog(own, .small, in: directory, bind: bind)
            let before = try files(directory)
            try Joining.makeLog(own, .small, in: directory, bind: bind)
            for other in [
                JournalIdentity(clusterID: "c", nodeID: NodeID(5), incarnation: 0),
                JournalIdentity(clusterID: "d", nodeID: NodeID(4), incarnation: 0),
            ] {
                let refusal = try #require(throws: AgentError.self) {
                    try Joining.makeLog(other, .small, in: directory, bind: bind)
                }
                #expect(refusal.description.contains("\(own)") && refusal.description.contains("\(other)"))
            }
            #expect(try files(directory) == before)
        }
    }
}
