import Synchronization

/// A node of `up` and its process.
struct UpProcess: Sendable {
    var node: UpState.Node
    var process: any RunningProcess
    /// It ran before this command, which therefore does not end it when it fails.
    var ranBefore: Bool
}

/// The processes of a cluster's nodes, for a supervisor that has to watch or stop them.
final class UpProcessList: Sendable {
    private let known: Mutex<[UpProcess]>

    init(_ running: [UpProcess]) {
        known = Mutex(running)
    }

    func started(_ node: UpState.Node, _ process: any RunningProcess) {
        known.withLock { $0.append(UpProcess(node: node, process: process, ranBefore: false)) }
    }

    func runs(_ node: UpState.Node) -> Bool {
        known.withLock { $0.contains { $0.node.id == node.id && $0.process.end == nil } }
    }

    var all: [UpProcess] { known.withLock { $0 } }
}
