import Contract
import JSONText
import Primitives

/// Stops the machines of a cluster and then its nodes. Desired state stays as it is.
struct UpShutdown {
    let world: World

    /// What machines may take to power off, and a node to end.
    private static let graceMilliseconds: Int64 = 120_000
    private static let signalMilliseconds: Int64 = 15_000

    private var nodes: UpNodes { UpNodes(world: world) }

    /// Asks the nodes that run to stop their machines and end; then stops the machines that are left without a node.
    ///
    /// One more interrupt while machines power off ends the nodes at once and stops no further machine.
    ///
    /// - Throws: If a node or a machine runs on, with its process.
    func run(_ state: UpState, _ processes: [UpProcess]) async throws {
        let interruptsBefore = world.interruptCount()
        var progress = ProgressLine(in: world)
        let running = processes.filter { $0.process.end == nil }
        if !running.isEmpty {
            try progress.show("stopping the machines of \(running.map(\.node.name).joined(separator: ", "))")
            try await stop(running, of: state, interruptsBefore)
        }
        var wasNeeded = !running.isEmpty
        var problems = running.filter { $0.process.end == nil }
            .map { "\($0.node.name) (pid \($0.process.record.pid)) does not end" }
        for node in state.nodes where !running.contains(where: { $0.node.id == node.id && $0.process.end == nil }) {
            do {
                var left = try await nodes.machinesLeft(by: node, in: state)
                wasNeeded = wasNeeded || !left.isEmpty
                if !left.isEmpty, world.interruptCount() == interruptsBefore {
                    try progress.show("stopping \(UpMessages.machines(left, of: node)), left without a node")
                    left = try await world.nodes.stopMachines(leftBy: nodes.configuration(of: node, in: state))
                }
                guard !left.isEmpty else { continue }
                let reasons = Set(left.compactMap(\.problem)).sorted().joined(separator: "; ")
                problems.append(
                    UpMessages.machines(left, of: node) + (reasons.isEmpty ? "" : ": " + reasons))
            } catch let failure as NodeFailure {
                problems.append("\(node.name): \(failure.description)")
            }
        }
        try progress.clear()
        guard problems.isEmpty else {
            throw CommandFailure.error(
                "not everything was stopped; this runs on:" + problems.map { "\n  " + $0 }.joined()
                    + "\nTo try again:  blixard down --data-dir \(ShellWords.join([state.directory]))")
        }
        if wasNeeded { try world.errors.line("stopped") }
    }

    /// Ends nodes and leaves their machines to run on.
    func endNodes(_ running: [UpProcess]) async {
        await withTaskGroup(of: Void.self) { group in
            for entry in running { group.addTask { await end(entry.process) } }
        }
    }

    private func stop(_ running: [UpProcess], of state: UpState, _ interruptsBefore: Int) async throws {
        let request = try shutdownRequest()
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                while world.interruptCount() == interruptsBefore {
                    // Cancelled: all nodes have ended.
                    guard (try? await world.clock.sleep(milliseconds: 100)) != nil else { return false }
                }
                for entry in running { entry.process.terminate() }
                return false
            }
            for entry in running {
                // The key of a node that joined became known after its process was started.
                let node = state.nodes.first { $0.id == entry.node.id } ?? entry.node
                group.addTask {
                    await stop(entry.process, of: node, request)
                    return true
                }
            }
            var left = running.count
            while left > 0, let ended = await group.next() { left -= ended ? 1 : 0 }
            group.cancelAll()
        }
    }

    private func shutdownRequest() throws -> ConnectionRequest {
        let administrator = try Administrator(nil, in: world)
        return ConnectionRequest(
            address: nil, addressOrigin: "the state directory", identityPath: administrator.path, expectedKey: nil,
            members: [])
    }

    /// Asks one node to stop its machines and end; insists if it does not.
    private func stop(
        _ process: any RunningProcess, of node: UpState.Node, _ request: ConnectionRequest
    ) async {
        if await ask(node, request), await process.waitForEnd(milliseconds: Self.graceMilliseconds) != nil { return }
        await end(process)
    }

    private func end(_ process: any RunningProcess) async {
        process.terminate()
        if await process.waitForEnd(milliseconds: Self.signalMilliseconds) != nil { return }
        process.kill()
        _ = await process.waitForEnd(milliseconds: Self.signalMilliseconds)
    }

    /// Whether the node has promised to.
    private func ask(_ node: UpState.Node, _ request: ConnectionRequest) async -> Bool {
        guard let key = node.key else { return false }
        var request = request
        request.members = [ContextMember(id: node.id, name: node.name, key: key, addresses: [node.address])]
        do {
            let connection = try world.access.connect(request)
            let _: Answered<SuccessStatus> = try await connection.post(
                .shutdown, ShutdownRequest(stopsMachines: true), request: nil)
            await connection.close()
            return true
        } catch  where error.isOutcomeUnknown {
            // It may be on its way already; the wait for its end tells.
            return true
        } catch {
            // The output may be closed, and what the node leaves is stopped without it.
            try? world.errors.line("\(node.name) does not stop its machines itself: \(error.brief)")
            return false
        }
    }
}
