import API
import Contract
import Fleet
import JSONText
import Manifest

/// A set of halted machines, of which so many can be changed: nothing is placed, and nothing runs.
struct MachineSet {
    let name: String
    let count: Int
    /// In MiB, by machine.
    private var memory: [Int]

    init(_ name: String, count: Int) {
        self.name = name
        self.count = count
        memory = [Int](repeating: 64, count: count)
    }

    var documents: [JSON] {
        memory.indices.map { number in
            LocalCluster.machine("\(name)-\(number)", memory: "\(memory[number])Mi", runStrategy: "Halted")
        }
    }

    /// How many machines `change(percent:)` changes.
    func changes(percent: Int) -> Int { count * percent / 100 }

    /// Gives that share of the machines a spec that they have not had; at another place each time.
    mutating func change(percent: Int, round: Int) {
        let changed = changes(percent: percent)
        for number in 0..<changed { memory[(round * changed + number) % count] += 1 }
    }
}

extension LocalCluster {
    /// Applies a set, and checks that so many of its objects were written.
    ///
    /// - Returns: From the request until its answer was understood, in milliseconds.
    func apply(_ set: MachineSet, writes expected: Int, by client: APIClient) async throws -> Double {
        try await apply(set.documents, as: SetRequest(name: set.name), writes: expected, by: client)
    }

    private func apply(
        _ documents: [JSON], as set: SetRequest, writes expected: Int, by client: APIClient
    ) async throws -> Double {
        let base = try await revision(client)
        var generator = SystemRandomNumberGenerator()
        let request = RequestID.random(using: &generator)
        let body = ApplyRequest(
            identity: WriteIdentity(request: request, baseRevision: base), documents: documents, sources: [], set: set)
        let watch = Stopwatch()
        let report = try WriteReport(
            answer: try await client.send(
                "POST", OwnPath.apply.text, body: body.json, request: request, baseRevision: base))
        let milliseconds = watch.milliseconds
        let written = report.results.count { $0.operation != .unchanged }
        guard report.results.count == documents.count, written == expected else {
            throw BenchmarkFailure("an apply wrote \(written) of \(documents.count) objects, instead of \(expected)")
        }
        return milliseconds
    }

    /// Plans an apply of a set, and checks that so many of its objects would be written.
    ///
    /// - Returns: From the request until its answer was understood, in milliseconds.
    func plan(_ set: MachineSet, writes expected: Int, by client: APIClient) async throws -> Double {
        let body = PlanRequest(
            apply: ApplyRequest(
                identity: WriteIdentity(), documents: set.documents, sources: [], set: SetRequest(name: set.name)))
        let watch = Stopwatch()
        let plan = try PlanAnswer(answer: try await client.ask(OwnPath.plan.text, body: body.json))
        let milliseconds = watch.milliseconds
        let written = plan.objects.count { $0.operation != PlannedObject.unchanged }
        guard plan.objects.count == set.count, written == expected else {
            throw BenchmarkFailure("a plan writes \(written) of \(set.count) objects, instead of \(expected)")
        }
        return milliseconds
    }

    /// Applies the revision before the newest, as `blixard rollout undo` does, and checks that so many of its objects
    /// were written.
    ///
    /// - Returns: From asking for the history until the answer to the apply was understood, in milliseconds.
    func rollBack(_ name: String, writes expected: Int, by client: APIClient) async throws -> Double {
        let watch = Stopwatch()
        let history = try SetHistory(answer: try await client.get(OwnPath.setHistory(set: name).text))
        guard history.revision > 1 else { throw BenchmarkFailure("the set \(name) has no older revision") }
        let old = try SetRevisionAnswer(
            answer: try await client.get(
                OwnPath.setRevision(set: name, number: String(history.revision - 1)).text))
        let before = watch.milliseconds
        return try await before
            + apply(
                old.documents, as: SetRequest(name: name, ifRevision: history.revision), writes: expected, by: client)
    }

    /// Deletes a set with its members.
    func delete(_ set: MachineSet, by client: APIClient) async throws {
        var generator = SystemRandomNumberGenerator()
        let request = RequestID.random(using: &generator)
        let key = KindInfo.manifestSet.key(namespace: "", name: set.name)
        _ = try await client.send(
            "POST", OwnPath.delete.text,
            body: DeleteRequest(
                identity: WriteIdentity(request: request), objects: [key], ignoresMissing: true, graceSeconds: 0,
                cascade: .members
            ).json, request: request)
    }
}
