import Hypervisor
import Logging
import Raft
import Replica

// What an operator finds in the log of what the replica tells.
extension EffectPerformer {
    func log(_ notice: ReplicaNotice) {
        let logger = core.logger
        switch notice {
        case .role(let role, let term, let leader):
            logger.info(
                "role changed",
                metadata: [
                    "role": "\(role)", "term": "\(term)", "leader": "\(leader.map { "\($0)" } ?? "none")",
                ])
        case .caughtUp(let index): logger.info("caught up", metadata: ["index": "\(index)"])
        case .membership(let state):
            logger.info(
                "membership changed", metadata: ["voters": "\(state.voters)", "learners": "\(state.learners)"])
        case .refusedMessage(let node, let why):
            logger.debug("refused a message", metadata: ["from": "\(node)", "reason": "\(why)"])
        case .machine(let name, let verb, let reason):
            logger.info("machine", metadata: ["name": "\(name)", "action": "\(verb)", "reason": "\(reason)"])
        case .machineFailed(let name, let verb, let failure):
            logger.warning(
                "machine action failed", metadata: ["name": "\(name)", "action": "\(verb)", "error": "\(failure)"])
        case .unknownMachine(let uid, let state):
            logger.warning(
                "found a machine that is not bound to this node; it is left alone",
                metadata: ["uid": "\(uid)", "state": "\(state)"])
        case .restoredSnapshot(let index): logger.info("took a snapshot", metadata: ["index": "\(index)"])
        case .diskShort(true):
            logger.error("the disk has no room for the log: this node takes no entries and does not lead")
        case .diskShort(false): logger.info("the disk has room for the log again")
        case .undeliveredSnapshot(let node, let index):
            logger.warning("a snapshot did not arrive", metadata: ["to": "\(node)", "index": "\(index)"])
        case .keptOlderSnapshot(let index, let why):
            logger.debug("kept another snapshot", metadata: ["index": "\(index)", "reason": "\(why)"])
        }
    }
}
