import Synchronization

/// The processes that a run of `up` has started so far, for whoever has to stop them.
final class UpProcessList: Sendable {
    private let started = Mutex<[(node: UpState.Node, process: any RunningProcess)]>([])

    func add(_ node: UpState.Node, _ process: any RunningProcess) {
        started.withLock { $0.append((node, process)) }
    }

    var all: [(node: UpState.Node, process: any RunningProcess)] { started.withLock { $0 } }
}
