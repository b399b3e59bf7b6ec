import API
import JSONText
import Mesh
import Primitives

extension HostileBenchmark {
    private static let noteBytes = 15_500

    /// What the leader's memory is while one viewer asks for watches and lists of machines that change, and reads
    /// nothing.
    static func measureUnread(
        _ cluster: LocalCluster, _ leader: LocalNode, as viewer: Identity, in place: Workplace, _ report: inout Report
    ) async throws {
        let client = cluster.client(first: leader)
        defer { client.close() }
        let count = place.size(1000, smoke: 20)
        func change(_ round: Int) async throws {
            for start in stride(from: 0, to: count, by: 250) {
                let documents = (start..<min(start + 250, count)).map { machine($0, round) }
                try await cluster.apply(documents, by: client)
            }
        }
        for round in 0..<2 { try await change(round) }
        try await cluster.settle()
        let before = try leader.residentMebibytes
        let crowd = Crowd(leader)
        let revision = try await cluster.revision(client)
        let watches = place.size(100, smoke: 4)
        let lists = place.size(40, smoke: 2)
        await crowd.ask(watches, "\(ClusterPath.machines)?watch=true&resourceVersion=\(revision)", as: viewer)
        var most = before
        func look() throws { most = max(most, try leader.residentMebibytes) }
        for round in 2..<2 + place.size(3, smoke: 1) {
            await crowd.ask(lists / 2, ClusterPath.machines, as: viewer)
            try await change(round)
            try look()
        }
        for _ in 0..<place.rounds(50, smoke: 2) {
            try look()
            try await Task.sleep(for: .milliseconds(100))
        }
        await crowd.close()
        report.add(
            "memory of the leader, \(watches) watches and \(lists) lists unread:",
            "\(Report.number(before)) MiB before, \(Report.number(most)) MiB at most, "
                + "\(Report.number(try leader.residentMebibytes)) MiB after")
        report.goal(
            "less than the 256 MiB more that a node may hold for all clients", "\(Report.number(most - before)) MiB",
            isMet: most - before < 256)
    }

    private static func machine(_ number: Int, _ round: Int) -> JSON {
        let filling = String(repeating: "x", count: noteBytes)
        return [
            "apiVersion": "blixard.dev/v1", "kind": "VirtualMachine",
            "metadata": [
                "name": .string("unread-\(number)"), "namespace": "default",
                "annotations": ["bench/note": .string("\(round) \(filling)")],
            ],
            "spec": ["memory": "32Mi", "runStrategy": "Halted"],
        ]
    }
}
