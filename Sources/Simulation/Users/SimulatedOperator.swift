import Primitives

/// The person who looks after the hosts: replaces nodes that are lost, takes nodes out, and adds new ones, one after
/// the other.
struct SimulatedOperator {
    enum Step: UInt64, Equatable {
        /// The node is to be no member any more.
        case remove
        /// Then its host is switched off.
        case switchOff
        /// A ticket is made out for its name, so that its machines go with it.
        case ticket
        /// A new host joins, under that name if there is one.
        case join
        /// It must become a voter.
        case awaitVoter
    }

    struct Task: Equatable {
        /// The node that goes; nil if a node is only added.
        var node: Int?
        var name: String?
        /// Whether the node could have stayed.
        var isOptional: Bool
        var step: Step
        /// Whether the cluster was asked to remove the node, which it may still do.
        var hasAsked = false
        /// Of the newcomer.
        var host: Int?
    }

    private(set) var queue: [Task] = []
    var task: Task?

    var isIdle: Bool { task == nil && queue.isEmpty }

    mutating func replace(_ node: Int, named name: String, isOptional: Bool) {
        guard task?.node != node, !queue.contains(where: { $0.node == node }) else {
            // It must go in any case now.
            if !isOptional {
                for position in queue.indices where queue[position].node == node { queue[position].isOptional = false }
                if task?.node == node { task?.isOptional = false }
            }
            return
        }
        queue.append(Task(node: node, name: name, isOptional: isOptional, step: .remove))
    }

    mutating func add() { queue.append(Task(node: nil, name: nil, isOptional: true, step: .join)) }

    /// Goes on to the next task.
    mutating func beginNext() {
        guard task == nil, !queue.isEmpty else { return }
        task = queue.removeFirst()
    }
}
