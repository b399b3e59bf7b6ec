import API
import Contract
import Fleet
import JSONText
import Manifest

extension LocalCluster {
    /// A manifest of a small machine.
    static func machine(_ name: String, memory: String, runStrategy: String = "Always") -> JSON {
        [
            "apiVersion": "blixard.dev/v1", "kind": "VirtualMachine", "metadata": ["name": .string(name)],
            "spec": ["memory": .string(memory), "runStrategy": .string(runStrategy)],
        ]
    }

    /// Applies manifests as one entry.
    ///
    /// - Returns: How long the acknowledgement took, and the cluster's revision with the change.
    @discardableResult
    func apply(_ documents: [JSON], by client: APIClient) async throws -> (milliseconds: Double, revision: UInt64) {
        let base = try await revision(client)
        var generator = SystemRandomNumberGenerator()
        let request = RequestID.random(using: &generator)
        let body = ApplyRequest(
            identity: WriteIdentity(request: request, baseRevision: base), documents: documents, sources: [])
        let watch = Stopwatch()
        let answer = try await client.send(
            "POST", OwnPath.apply.text, body: body.json, request: request, baseRevision: base)
        let milliseconds = watch.milliseconds
        return (milliseconds, try WriteReport(answer: answer).answer.revision)
    }

    /// One small write: an annotation of one object.
    func touch(_ name: String, _ value: Int, by client: APIClient) async throws {
        var generator = SystemRandomNumberGenerator()
        _ = try await client.send(
            "PATCH", ClusterPath.machine(name),
            body: ["metadata": ["annotations": ["bench/value": .string(String(value))]]],
            contentType: MediaType.mergePatch, request: .random(using: &generator))
    }

    /// One write of a value: the machine's manifest with the value as an annotation.
    func replace(_ name: String, with value: String, by client: APIClient) async throws {
        var generator = SystemRandomNumberGenerator()
        _ = try await client.send(
            "PUT", ClusterPath.machine(name),
            body: [
                "apiVersion": "blixard.dev/v1", "kind": "VirtualMachine",
                "metadata": ["name": .string(name), "annotations": ["bench/value": .string(value)]],
                "spec": ["memory": "64Mi", "runStrategy": "Halted"],
            ], request: .random(using: &generator))
    }

    /// Deletes all machines and waits until none is left.
    func deleteMachines(by client: APIClient) async throws {
        let items = try await client.get(ClusterPath.machines)["items"]?.array ?? []
        let objects = items.compactMap { $0["metadata"]?["name"]?.string }.map { name in
            KindInfo.virtualMachine.key(namespace: KindInfo.defaultNamespace, name: name)
        }
        guard !objects.isEmpty else { return }
        var generator = SystemRandomNumberGenerator()
        let request = RequestID.random(using: &generator)
        _ = try await client.send(
            "POST", OwnPath.delete.text,
            body: DeleteRequest(
                identity: WriteIdentity(request: request), objects: objects, ignoresMissing: true, graceSeconds: 0
            ).json, request: request)
        try await eventually("\(objects.count) machines to be gone") {
            try await client.get(ClusterPath.machines)["items"]?.array?.isEmpty ?? false
        }
    }

    func revision(_ client: APIClient) async throws -> UInt64 {
        try await state(client, .stale).revision
    }

    /// The cluster as the node that answers knows it.
    func state(_ client: APIClient, _ consistency: ReadConsistency) async throws -> ClusterState {
        try ClusterState(answer: try await client.get(OwnPath.cluster.text, query: consistency.query))
    }

    /// Watches the machines until so many run.
    ///
    /// - Parameters:
    ///   - revision: What came after it is seen.
    ///   - onOpen: Called when the watch is open.
    /// - Returns: When each one was first seen running, in order.
    func untilRunning(
        _ count: Int, after revision: UInt64, by client: APIClient, onOpen: () async throws -> Void = {}
    ) async throws -> [ContinuousClock.Instant] {
        var running: Set<String> = []
        var moments: [ContinuousClock.Instant] = []
        func look(_ object: JSON?) {
            guard object?["status"]?["phase"]?.string == "Running",
                let name = object?["metadata"]?["name"]?.string, running.insert(name).inserted
            else { return }
            moments.append(.now)
        }
        var from = String(revision)
        var isFirst = true
        let clock = Stopwatch()
        while moments.count < count {
            let lines = try await client.lines(
                ClusterPath.machines,
                query: [
                    QueryParameter.watch.item(true), QueryParameter.resourceVersion.item(from),
                    QueryParameter.timeoutSeconds.item(120),
                ])
            if isFirst { try await onOpen() }
            isFirst = false
            for try await event in lines {
                if event["type"]?.string == "ERROR" { break }
                look(event["object"])
                if moments.count == count { return moments }
            }
            // The watch fell behind the change feed: what is there is listed, and watched from there on.
            guard clock.seconds < 300 else { throw BenchmarkFailure("\(moments.count) of \(count) machines run") }
            let list = try await client.get(ClusterPath.machines)
            for item in list["items"]?.array ?? [] { look(item) }
            from = list["metadata"]?["resourceVersion"]?.string ?? from
        }
        return moments
    }
}
