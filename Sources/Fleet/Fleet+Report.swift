import Manifest
import Primitives

extension Fleet {
    /// Takes what a member says of itself and of what is bound to it.
    mutating func apply(_ report: NodeReport, author: PublicKey?) throws(Refusal) -> CommandOutcome {
        let member = try known(report.member)
        guard author == member.key else {
            throw Refusal(
                .forbidden,
                "a report of node \"\(member.name)\" by key \(author?.short ?? "none"): only its own key, "
                    + "\(member.key.short), may report")
        }
        guard report.sequence < 1 << 56 else {
            throw Refusal(
                .invalid, "report \(report.sequence) of node \"\(member.name)\" leaves no number for the next one")
        }
        let last = memberTable.reportSequence(of: member.id)
        guard report.sequence > last else {
            throw Refusal(
                .stale,
                "report \(report.sequence) of node \"\(member.name)\" comes after report \(last): go on with "
                    + "\(last &+ 1)")
        }
        memberTable.setReportSequence(report.sequence, of: member.id)
        if let status = report.nodeStatus { setStatus(status, ofNode: member.name) }
        var accepted = 0
        for machine in report.machines where take(machine, from: member.name) { accepted += 1 }
        for image in report.images where take(image, from: member.name) { accepted += 1 }
        record(report.events)
        let parts = report.machines.count + report.images.count
        return .batch(BatchAnswer(accepted: accepted, ignored: parts - accepted, revision: revision))
    }

    /// Takes what the leader says of a Git repository; what it says of an object that is no more is passed over.
    mutating func apply(_ report: SourceReport) -> CommandOutcome {
        guard report.key.isGitRepository, var source = objects[report.key], source.uid == report.uid else {
            return .batch(BatchAnswer(accepted: 0, ignored: 1, revision: revision))
        }
        if source.status != report.status {
            source.status = report.status
            store(source)
        }
        record(report.events)
        return .batch(BatchAnswer(accepted: 1, ignored: 0, revision: revision))
    }

    private mutating func setStatus(_ status: [UInt8], ofNode name: String) {
        guard var node = objects[.node(name)], node.status != status else { return }
        node.status = status
        store(node)
    }

    private mutating func take(_ report: MachineReport, from node: String) -> Bool {
        guard var machine = objects[report.key], machine.uid == report.uid, let binding = machine.binding,
            binding.node == node, binding.epoch == report.epoch
        else { return false }
        if report.removed, machine.deletion != nil {
            discard(machine)
        } else if machine.status != report.status {
            machine.status = report.status
            store(machine)
        }
        return true
    }

    private mutating func take(_ report: ImageReport, from node: String) -> Bool {
        guard report.key.isImage, var image = objects[report.key], image.uid == report.uid else { return false }
        guard image.nodeStatuses[node] != report.status else { return true }
        image.nodeStatuses[node] = report.status
        store(image)
        return true
    }
}
