/// What `up` says to people.
enum UpMessages {
    static func runsAlready(_ directory: String, running: [UpProcess]) -> CommandFailure {
        .error(
            """
            the cluster in \(directory) runs already: \(names(running))
            To change what it runs:  blixard apply -f FILE
            To stop it:              blixard down --data-dir \(ShellWords.join([directory]))
            """)
    }

    /// Another `up` starts this cluster, or stays with it.
    static func isTaken(_ state: UpState, running: [UpProcess], in world: World) throws -> CommandFailure {
        let nodes = UpNodes(world: world)
        let holder = try world.processes.holder(of: state.lockFile).map { " (pid \($0.record.pid))" } ?? ""
        var text = "another `blixard up`\(holder) has the cluster in \(state.directory)"
        if !running.isEmpty { text += ", which runs already: \(names(running))" }
        let missing = state.nodes.filter { node in !running.contains { $0.node.id == node.id } }
        if !running.isEmpty, !missing.isEmpty {
            text += "\nTo start what does not run:"
            for node in missing { text += "\n  " + nodes.commandLine(of: node, in: state) }
        }
        text += """

            To change what it runs:  blixard apply -f FILE
            To stop it:              blixard down --data-dir \(ShellWords.join([state.directory]))
            """
        return .error(text)
    }

    private static func names(_ running: [UpProcess]) -> String {
        running.map { "\($0.node.name) (pid \($0.process.record.pid))" }.joined(separator: ", ")
    }

    /// The machines of nodes that were not stopped, as `node-1: 2 machines (pid 11, 12)`.
    static func machines(_ left: [LeftMachine], of node: UpState.Node) -> String {
        let count = "\(left.count) \(left.count == 1 ? "machine" : "machines")"
        let pids = left.compactMap(\.pid).map(String.init).joined(separator: ", ")
        return "\(node.name): \(count)" + (pids.isEmpty ? "" : " (pid \(pids))")
    }

    /// Whether the state is where it is by default.
    private static func isDefault(_ state: UpState, in world: World) -> Bool {
        // Without a home directory there is no such place.
        (try? UpState.defaultDirectory(in: world.environment)) == state.directory
    }

    /// `up`, and for another directory than the usual one its name as well.
    static func contextName(_ state: UpState, in world: World) -> String {
        isDefault(state, in: world) ? "up" : "up-" + (state.directory.split(separator: "/").last ?? "")
    }

    /// What may be typed next.
    static func next(_ state: UpState, in world: World, hasMachines: Bool, detach: Bool) -> [String] {
        let directory = isDefault(state, in: world) ? "" : " --data-dir " + ShellWords.join([state.directory])
        var lines = ["", "Next:"]
        if hasMachines {
            lines.append("  blixard get vms -w            # watch the machines")
        } else {
            lines.append("  blixard vm create hello       # a first machine")
        }
        lines.append("  blixard cluster status        # leader and members")
        lines.append("  blixard apply -f FILE --wait  # change what runs")
        lines.append(
            detach
                ? "  blixard down\(directory)                  # stop machines and nodes"
                : "Ctrl-C, or `blixard down\(directory)`, stops machines and nodes; desired state stays.")
        return lines
    }
}
