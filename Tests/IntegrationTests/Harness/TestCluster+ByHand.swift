import Glibc
import JSONText
import TestFiles
import Testing

extension TestCluster {
    /// Founds the cluster and lets every other node in with a ticket, without `up`.
    func formByHand() async throws {
        let founded = try await run(
            ["cluster", "init", "--id", "1", "--bind", "127.0.0.1:\(port(of: 1))", "--data-dir", directory(of: 1)],
            environment: nodeEnvironment)
        guard founded.exitCode == 0 else { throw TestFailure("cluster init: \(founded)") }
        try startNode(1, nodeArguments(1))
        for node in nodes.dropFirst() {
            let ticket = try await eventuallySucceeds("ticket create").filter { !$0.isWhitespace }
            try startNode(node, nodeArguments(node, ticket: ticket))
            try await voters(node)
        }
    }

    /// The command line of a node with machines in memory.
    func nodeArguments(_ node: Int, ticket: String? = nil) -> [String] {
        [
            "node", "--bind", "127.0.0.1:\(port(of: node))", "--data-dir", directory(of: node), "--hypervisor",
            hypervisor,
        ] + (ticket.map { ["--join-ticket", $0] } ?? [])
    }

    /// Waits until so many members vote.
    func voters(_ count: Int) async throws {
        try await eventually("\(count) voters") {
            let result = try await run("cluster status -o json")
            guard result.exitCode == 0,
                try JSON(parsing: result.output)["quorum"]?["voters"]?.integer == Int64(count)
            else { throw NotYet("\(result)\n\(logs)") }
        }
    }

    /// Applies machines that want no place, each with about a kilobyte of text.
    func applyNotes(_ count: Int, prefix: String, text: String) async throws {
        let note = String(repeating: text, count: 1000 / text.utf8.count)
        let items: [JSON] = (0..<count).map { number in
            [
                "apiVersion": "blixard.dev/v1", "kind": "VirtualMachine",
                "metadata": [
                    "name": .string("\(prefix)-\(number)"), "annotations": ["example.com/note": .string(note)],
                ],
                "spec": ["runStrategy": "Halted"],
            ]
        }
        let path = root + "/notes-\(prefix).json"
        try TextFile.write(String(decoding: JSON.array(items).prettyBytes, as: UTF8.self), to: path)
        try await eventuallySucceeds("apply -f \(path)")
    }

    /// What a node itself holds, confirmed by nobody: the annotation of a machine.
    func staleNote(of name: String, at node: Int) async throws -> String? {
        let result = try await run("get vm \(name) -o json --consistency stale --addr \(registry(of: node))")
        guard result.exitCode == 0 else { throw NotYet("\(result)\n\(logs)") }
        return try JSON(parsing: result.output)["metadata"]?["annotations"]?["example.com/note"]?.string
    }

    /// The bytes of all files of a node's log.
    func logBytes(of node: Int) -> Int {
        let directory = directory(of: node) + "/raft"
        return TextFile.names(in: directory).reduce(0) { sum, name in
            var status = stat()
            return stat(directory + "/" + name, &status) == 0 ? sum + Int(status.st_size) : sum
        }
    }

    /// How far the log is committed, as the leader knows it.
    func committed() async throws -> Int {
        let status = try JSON(parsing: try await run("cluster status -o json").output)
        return try #require(status["commitIndex"]?.integer.map { Int($0) }, "\(status)")
    }

    /// Waits until neither logs nor queues hold what came right after this index: whoever stands there needs a
    /// snapshot. A small log keeps ten entries behind one, and the mesh keeps messages for a peer that is away for five
    /// seconds.
    func untilForgotten(_ index: Int, by nodes: [Int]) async throws {
        for node in nodes {
            try await eventually("the log of node-\(node) to be cut") {
                let names = TextFile.names(in: directory(of: node) + "/raft").filter { $0.hasSuffix(".snap") }
                // snap-<index>-<term>.snap, in hexadecimal digits.
                let newest = names.compactMap { Int($0.dropFirst(5).prefix(16), radix: 16) }.max() ?? 0
                guard newest > index + 11 else { throw NotYet("\(names), to be beyond \(index)\n\(logs)") }
            }
        }
        try await Task.sleep(for: .seconds(6))
    }
}
