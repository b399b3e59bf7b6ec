/// What `up` says to people.
enum UpMessages {
    static func runsAlready(
        _ directory: String, running: [(node: UpState.Node, process: any RunningProcess)]
    ) -> CommandFailure {
        let names = running.map { "\($0.node.name) (pid \($0.process.record.pid))" }.joined(separator: ", ")
        let down = "blixard down --data-dir \(ShellWords.join([directory]))"
        return .error(
            """
            the cluster in \(directory) runs already\(names.isEmpty ? "" : ": \(names)")
            To change what it runs:  blixard apply -f FILE
            To stop it:              \(down)
            """)
    }

    /// Whether the state is where it is when nobody names a place.
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
