import Contract
import Fleet
import JSONText
import Manifest
import Primitives

/// One run of `up`: brings the cluster up, stays with it, and takes it down.
struct UpSession {
    let world: World
    let timeoutMilliseconds: Int64

    private enum Outcome {
        /// Everything runs; what is still wrong with machines.
        case up(UpCluster, CommandFailure?)
        case interrupted
    }

    func run(_ plan: UpState, running: [UpProcess], documents: [ManifestDocument], detach: Bool) async throws {
        let processes = UpProcessList(running)
        let ranBefore = try await UpBefore(plan, running, in: world)
        let outcome: Outcome
        do {
            outcome = try await withThrowingTaskGroup(of: Outcome.self) { group in
                group.addTask {
                    let start = UpStart(world: world, timeoutMilliseconds: timeoutMilliseconds, processes: processes)
                    let cluster = try await start.run(plan)
                    return .up(cluster, try await populate(cluster, documents))
                }
                group.addTask {
                    try await waitForInterrupt()
                    return .interrupted
                }
                defer { group.cancelAll() }
                guard let first = try await group.next() else { throw CancellationError() }
                return first
            }
        } catch {
            // The failure is what the user has to hear of; what could not be ended comes before it.
            do {
                try await undo(plan, processes, ranBefore)
            } catch let left as CommandFailure {
                try world.errors.lines(left.text)
            }
            throw error
        }
        switch outcome {
        case .interrupted:
            try await undo(plan, processes, ranBefore)
            throw CommandFailure.silent(exitCode: 130)
        case .up(let cluster, let problem):
            try await show(cluster, detach: detach)
            if detach || world.isHungUp() {
                if let problem { throw problem }
                return
            }
            if let problem { try world.errors.lines(problem.text) }
            try await stay(cluster, processes.all)
        }
    }

    /// Brings back what was there before: everything stops if nothing ran, else only the nodes end that were started.
    private func undo(_ plan: UpState, _ processes: UpProcessList, _ before: UpBefore) async throws {
        // The cluster may have been founded, and nodes let in, meanwhile.
        let state = try UpState.load(from: plan.directory) ?? plan
        guard before.anythingRan else {
            return try await UpShutdown(world: world).run(state, processes.all)
        }
        let started = processes.all.filter { !$0.ranBefore && $0.process.end == nil }
        await UpShutdown(world: world).endNodes(started)
        guard !started.isEmpty else { return }
        try world.errors.line(
            "ended what this command started: \(started.map(\.node.name).joined(separator: ", ")); "
                + "what ran before runs on, `blixard down` stops it")
    }

    /// Applies the manifests and waits for their machines. That some don't get ready is no reason to stop the nodes.
    private func populate(_ cluster: UpCluster, _ documents: [ManifestDocument]) async throws -> CommandFailure? {
        do {
            guard !documents.isEmpty else {
                try await RevisionWait(
                    client: cluster.client, objects: try await wanted(cluster), timeoutMilliseconds: timeoutMilliseconds
                ).run()
                return nil
            }
            let write = ClusterWrite(
                cluster.client,
                reference: RequestReference(
                    random: world.randomBytes(16), baseRevision: try await cluster.client.knownRevision()))
            let report = try await write.apply(documents, .none).body
            for result in report.results {
                try world.output.line("\(result.key.resourceName) \(result.operation.word)")
            }
            try await RevisionWait(
                client: cluster.client, objects: [AwaitedObject](machinesOf: report.answer),
                timeoutMilliseconds: timeoutMilliseconds
            ).run()
            return nil
        } catch let failure as CommandFailure {
            return failure
        } catch let failure as ClientFailure {
            return CommandFailure(text: failure.text)
        }
    }

    /// The machines that were wanted before this start, so that it can be said when they are back.
    private func wanted(_ cluster: UpCluster) async throws -> [AwaitedObject] {
        try await cluster.client.items(.virtualMachine, namespace: nil).compactMap { object in
            guard let name = object.nameText, object["metadata"]?["deletionTimestamp"] == nil else { return nil }
            let namespace = object["metadata"]?["namespace"]?.string ?? KindInfo.defaultNamespace
            return AwaitedObject(
                key: KindInfo.virtualMachine.key(namespace: namespace, name: name), uid: object.uidText,
                generation: object["metadata"]?["generation"]?.integer ?? 0, goal: .applied)
        }
    }

    private func show(_ cluster: UpCluster, detach: Bool) async throws {
        let reading = ObjectReading(
            client: cluster.client, namespace: nil, query: [], format: .table, ignoreNotFound: true)
        try world.output.write("\n")
        try await ObjectPrinting(
            reading: reading, selections: [ResourceSelection(kind: .node, names: [])], withHeader: true
        ).run()
        let machines = try await cluster.client.items(.virtualMachine, namespace: nil)
        if !machines.isEmpty {
            try world.output.write("\n")
            try await ObjectPrinting(
                reading: reading, selections: [ResourceSelection(kind: .virtualMachine, names: [])], withHeader: true
            ).run()
        }
        let lines = UpMessages.next(
            cluster.state, in: world, hasMachines: !machines.isEmpty, detach: detach)
        for line in lines { try world.output.line(line) }
    }

    /// Until an interrupt, until the last node has ended, or until the terminal has gone.
    private func stay(_ cluster: UpCluster, _ processes: [UpProcess]) async throws {
        let nodes = UpNodes(world: world)
        let interrupted = try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await waitForInterrupt()
                return true
            }
            group.addTask {
                var running = processes
                // Without its terminal it leaves everything to run on, as --detach does.
                while !running.isEmpty, !world.isHungUp() {
                    var left: [UpProcess] = []
                    for entry in running {
                        guard let end = entry.process.end else {
                            left.append(entry)
                            continue
                        }
                        try world.errors.lines(
                            end.isClean
                                ? "\(entry.node.name) was stopped"
                                : "\(entry.node.name) ended: \(end.text). It is not revived; its machines run on. "
                                    + "Start it with:\n  " + nodes.commandLine(of: entry.node, in: cluster.state))
                    }
                    running = left
                    if !running.isEmpty { try await world.clock.sleep(milliseconds: 250) }
                }
                return false
            }
            defer { group.cancelAll() }
            return try await group.next() ?? false
        }
        guard interrupted else {
            if !world.isHungUp() { try world.errors.line("all nodes have ended") }
            return
        }
        try await UpShutdown(world: world).run(cluster.state, processes)
    }

    private func waitForInterrupt() async throws {
        while world.interruptCount() == 0 { try await world.clock.sleep(milliseconds: 100) }
    }
}
