import Contract
import JSONText
import Manifest
import Primitives

/// A cluster that runs, and the way to it.
struct UpCluster: Sendable {
    var state: UpState
    var client: ClusterClient
}

/// Brings the nodes of a state directory up.
struct UpStart {
    let world: World
    let timeoutMilliseconds: Int64
    let processes: UpProcessList

    private var nodes: UpNodes { UpNodes(world: world) }

    /// Founds the cluster if there is none, starts all nodes, lets newcomers in, and waits until all are ready.
    func run(_ plan: UpState) async throws -> UpCluster {
        var state = plan
        let administrator = try Administrator(nil, in: world)
        var progress = ProgressLine(in: world)
        if state.clusterID.isEmpty {
            try progress.show("founding a cluster in \(state.directory)")
            try await found(&state, administrator)
        }
        let deadline = world.clock.now + timeoutMilliseconds

        // Those that are members first: a newcomer needs a quorum of them.
        state = try nodes.recognised(state)
        try state.save()
        for node in state.nodes where node.key != nil && !processes.runs(node) { try start(node, state, ticket: nil) }
        let client = try client(state, administrator)
        try await waitForLeader(client, state, until: deadline, &progress)
        for position in state.nodes.indices where state.nodes[position].key == nil {
            let node = state.nodes[position]
            try progress.show("letting \(node.name) in")
            // One that an `up` has started which was ended then has its ticket already.
            if !processes.runs(node) {
                let answer = try await client.createTicket(
                    ttl: DurationText(milliseconds: 600_000), uses: 1, node: nil)
                try start(node, state, ticket: answer.body.ticket)
            }
            let member = try await waitForMember(node, client, state, until: deadline, &progress)
            state.nodes[position].key = member.key
            try state.save()
        }
        let whole = try self.client(state, administrator)
        await client.close()
        try await waitForReadyNodes(whole, state, until: deadline, &progress)
        let remembered = try remember(state, administrator)
        try progress.clear()
        if remembered.before != nil { try world.errors.lines(remembered.text) }
        return UpCluster(state: state, client: whole)
    }

    private func found(_ state: inout UpState, _ administrator: Administrator) async throws {
        let first = state.nodes[0]
        let founded = try await world.nodes.initializeCluster(
            nodes.configuration(of: first, in: state), administrator: administrator.key,
            administratorName: administrator.name)
        state.clusterID = founded.clusterID
        state.nodes[0].key = founded.member.key
        try state.save()
    }

    private func start(_ node: UpState.Node, _ state: UpState, ticket: String?) throws {
        processes.started(node, try nodes.start(node, of: state, ticket: ticket))
    }

    private func client(_ state: UpState, _ administrator: Administrator) throws -> ClusterClient {
        let connection = try world.access.connect(
            ConnectionRequest(
                address: nil, addressOrigin: "the state directory", identityPath: administrator.path,
                expectedKey: nil, members: state.members))
        return ClusterClient(connection: connection, world: world)
    }

    private func remember(_ state: UpState, _ administrator: Administrator) throws
        -> ContextFile.Entry.Remembered
    {
        try ContextFile.Entry(
            name: UpMessages.contextName(state, in: world), clusterID: state.clusterID, identity: administrator.path,
            members: state.members,
            dataDirectory: state.directory
        ).remember(in: world)
    }

    private func waitForLeader(
        _ client: ClusterClient, _ state: UpState, until deadline: Instant, _ progress: inout ProgressLine
    ) async throws {
        try await poll(state, until: deadline, "a leader", &progress) {
            try await client.clusterState(.stale).body.leader == nil ? "no node leads yet" : nil
        }
    }

    private func waitForMember(
        _ node: UpState.Node, _ client: ClusterClient, _ state: UpState, until deadline: Instant,
        _ progress: inout ProgressLine
    ) async throws -> ContextMember {
        var found: ContextMember?
        try await poll(state, until: deadline, "\(node.name) to join", &progress) {
            let members = try await client.clusterState(.linearizable).body.nodes.map { ContextMember($0.member) }
            found = members.first { $0.id == node.id }
            return found == nil ? "\(members.count) of \(state.nodes.count) nodes are members" : nil
        }
        guard let found else { throw CommandFailure.error("\(node.name) is no member") }
        return found
    }

    private func waitForReadyNodes(
        _ client: ClusterClient, _ state: UpState, until deadline: Instant, _ progress: inout ProgressLine
    ) async throws {
        try await poll(state, until: deadline, "all nodes to be ready", &progress) {
            let objects = try await client.items(.node, namespace: nil)
            let waiting = state.nodes.filter { node in
                let object = objects.first { $0.nameText == node.name }
                return object?.condition("Ready")?["status"]?.string != "True"
            }
            guard let first = waiting.first else { return nil }
            let object = objects.first { $0.nameText == first.name }
            let message = object?.condition("Ready")?["message"]?.string ?? "it has not reported yet"
            return "\(state.nodes.count - waiting.count) of \(state.nodes.count) are ready; \(first.name): \(message)"
        }
    }

    /// Asks again and again until there is nothing missing. A node that ends meanwhile, or the deadline, is an error.
    ///
    /// - Parameter missing: What is missing; nil when nothing is.
    private func poll(
        _ state: UpState, until deadline: Instant, _ what: String, _ progress: inout ProgressLine,
        _ missing: () async throws -> String?
    ) async throws {
        while true {
            var reason: String?
            do {
                reason = try await missing()
                if reason == nil { return }
            } catch let failure as ClientFailure {
                reason = failure.brief
            }
            for entry in processes.all {
                guard let end = entry.process.end else { continue }
                try progress.clear()
                throw CommandFailure.error(
                    "\(entry.node.name) ended while \(entry.ranBefore ? "others were " : "")starting: \(end.text); "
                        + "its log, \(state.logFile(of: entry.node)), ends with:"
                        + nodes.lastLines(of: entry.node, in: state),
                    exitCode: end.exitCode == 70 ? 70 : 1)
            }
            if world.clock.now >= deadline {
                try progress.clear()
                throw CommandFailure.error(
                    "timed out waiting for \(what): \((reason ?? "").harmless)\n"
                        + "The logs are in \(state.directory)/node-*.log")
            }
            try progress.show("waiting for \(what)")
            try await world.clock.sleep(milliseconds: 150)
        }
    }
}
