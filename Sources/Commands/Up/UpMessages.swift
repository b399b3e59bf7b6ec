/// What `up` says to people.
enum UpMessages {
    static func runsAlready(
        _ directory: String, running: [(node: UpState.Node, process: any RunningProcess)]
    ) -> CommandFailure {
        let names = running.map { "\($0.node.name) (pid \($0.process.record.pid))" }.joined(separator: ", ")
        return .error(
            """
            the cluster in \(directory) runs already\(names.isEmpty ? "" : ": \(names)")
            To change what it runs:  blixard apply -f FILE
            To stop it:              blixard down
            """)
    }

    /// What may be typed next.
    static func next(_ state: UpState, isDefault: Bool, hasMachines: Bool, detach: Bool) -> [String] {
        let directory = isDefault ? "" : " --data-dir " + ShellWords.join([state.directory])
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
