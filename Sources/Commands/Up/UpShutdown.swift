import JSONText
import Primitives

/// Stops the machines of nodes and then the nodes. Desired state stays as it is.
struct UpShutdown {
    let world: World

    /// What machines may take to power off, and a node to end.
    private static let graceMilliseconds: Int64 = 120_000
    private static let signalMilliseconds: Int64 = 15_000

    /// One more interrupt while machines power off ends the nodes at once.
    func run(
        _ state: UpState, _ processes: [(node: UpState.Node, process: any RunningProcess)]
    ) async throws {
        let running = processes.filter { $0.process.end == nil }
        guard !running.isEmpty else { return }
        var progress = ProgressLine(in: world)
        try progress.show("stopping the machines of \(running.map(\.node.name).joined(separator: ", "))")
        let request = try shutdownRequest(state)
        let interruptsBefore = world.interruptCount()
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
                group.addTask {
                    await stop(entry.node, entry.process, request)
                    return true
                }
            }
            var left = running.count
            while left > 0, let ended = await group.next() { left -= ended ? 1 : 0 }
            group.cancelAll()
        }
        try progress.clear()
        for node in state.nodes where !running.contains(where: { $0.node.name == node.name }) {
            try world.errors.line(
                "\(node.name) did not run, so nobody stopped its machines: they run on until it is started again")
        }
        try world.errors.line("stopped")
    }

    private func shutdownRequest(_ state: UpState) throws -> ConnectionRequest {
        let administrator = try Administrator(nil, in: world)
        return ConnectionRequest(
            address: nil, addressOrigin: "the state directory", identityPath: administrator.path, expectedKey: nil,
            members: [])
    }

    /// Asks one node to stop its machines and end; insists if it does not.
    private func stop(
        _ node: UpState.Node, _ process: any RunningProcess, _ request: ConnectionRequest
    ) async {
        if await ask(node, request), await process.waitForEnd(milliseconds: Self.graceMilliseconds) != nil { return }
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
            _ = try await connection.send(
                "POST", APIPath.own + "/shutdown", query: [], body: ["stopMachines": true], contentType: nil,
                request: nil)
            await connection.close()
            return true
        } catch  where error.isOutcomeUnknown {
            // It may be on its way already; the wait for its end tells.
            return true
        } catch {
            // Nobody may be there to read it, and the node is stopped either way.
            try? world.errors.line("\(node.name) can't stop its machines; they run on: \(error.brief)")
            return false
        }
    }
}
