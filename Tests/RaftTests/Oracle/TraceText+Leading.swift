import Raft

// What a leader knows of the others, proposals and transfers.
extension TraceText {
    func progressLine(_ event: TraceEvent) -> (Level, String)? {
        switch event {
        case .decreasedProgress(let id, let progress):
            return (.debug, "\(me) decreased progress of \(hex(id)) to [\(Describe.progress(progress))]")
        case .ignoredSnapshotForInactive(let id):
            return (.debug, "ignore sending snapshot to \(hex(id)) since it is not recently active")
        case .snapshotUnavailable(let id):
            return (
                .debug,
                "\(me) failed to send snapshot to \(hex(id)) because snapshot is temporarily unavailable"
            )
        case .sentSnapshot(let to, let first, let commit, let snapshot, let progress):
            return (
                .debug,
                "\(me) [firstindex: \(first), commit: \(commit)] sent snapshot[index: \(snapshot.index), "
                    + "term: \(snapshot.term)] to \(hex(to)) [\(Describe.progress(progress))]"
            )
        case .paused(let id, let progress):
            return (
                .debug, "\(me) paused sending replication messages to \(hex(id)) [\(Describe.progress(progress))]"
            )
        case .recovered(let id, let progress):
            return (
                .debug,
                "\(me) recovered from needing snapshot, resumed sending replication messages to \(hex(id)) "
                    + "[\(Describe.progress(progress))]"
            )
        case .snapshotReported(let id, let succeeded, let progress):
            return (
                .debug,
                "\(me) snapshot \(succeeded ? "succeeded" : "failed"), resumed sending replication messages to "
                    + "\(hex(id)) [\(Describe.progress(progress))]"
            )
        case .unreachable(let id, let progress):
            return (
                .debug,
                "\(me) failed to send message to \(hex(id)) because it is unreachable [\(Describe.progress(progress))]"
            )
        case .noProgress(let id): return (.debug, "\(me) no progress available for \(hex(id))")
        default: return nil
        }
    }

    func otherLine(_ event: TraceEvent) -> (Level, String) {
        switch event {
        case .droppedProposalWithoutLeader(let term):
            return (.info, "\(me) no leader at term \(term); dropping proposal")
        case .notForwarding(let leader, let term):
            return (.info, "\(me) not forwarding to leader \(hex(leader)) at term \(term); dropping proposal")
        case .droppedProposalInTransfer(let to, let term):
            return (
                .debug, "\(me) [term \(term)] transfer leadership to \(hex(to)) is in progress; dropping proposal"
            )
        case .uncommittedLimit:
            return (
                .warn,
                "\(me) appending new entries to log would exceed uncommitted entry size limit; dropping proposal"
            )
        case .ignoredConfChange(let change, let state, let why):
            return (
                .info,
                "\(me) ignoring conf change \(protobufText(change)) at config "
                    + "\(Describe.configuration(state)): \(text(why))"
            )
        case .leavesJoint(let state):
            return (
                .info,
                "initiating automatic transition out of joint configuration \(Describe.configuration(state))"
            )
        case .couldNotLeaveJoint(let state):
            return (
                .debug,
                "not initiating automatic transition out of joint configuration "
                    + "\(Describe.configuration(state)): raft proposal dropped"
            )
        case .droppedReadWithoutLeader(let term):
            return (.info, "\(me) no leader at term \(term); dropping index reading msg")
        case .startsTransfer(let to, let term):
            return (.info, "\(me) [term \(term)] starts to transfer leadership to \(hex(to))")
        case .sentTimeoutNowAtOnce(let to):
            return (
                .info, "\(me) sends MsgTimeoutNow to \(hex(to)) immediately as \(hex(to)) already has up-to-date log"
            )
        case .sentTimeoutNow(let to):
            return (.info, "\(me) sent MsgTimeoutNow to \(hex(to)) after received MsgAppResp")
        case .receivedTimeoutNow(let from, let term):
            return (
                .info,
                "\(me) [term \(term)] received MsgTimeoutNow from \(hex(from)) and starts an election to get "
                    + "leadership."
            )
        case .ignoredTimeoutNow(let from, let term, let role):
            return (
                .debug,
                "\(me) [term \(term) state \(Describe.role(role))] ignored MsgTimeoutNow from \(hex(from))"
            )
        case .transferInProgress(let to, let term):
            return (
                .info,
                "\(me) [term \(term)] transfer leadership to \(hex(to)) is in progress, ignores request to same node "
                    + hex(to)
            )
        case .abortedTransfer(let to, let term):
            return (.info, "\(me) [term \(term)] abort previous transferring leadership to \(hex(to))")
        case .ignoredTransferToLearner:
            return (.debug, "\(me) is learner. Ignored transferring leadership")
        case .ignoredTransferToSelf:
            return (.debug, "\(me) is already leader. Ignored transferring leadership to self")
        case .droppedTransferWithoutLeader(let term):
            return (.info, "\(me) no leader at term \(term); dropping leader transfer msg")
        default:
            return (.fatal, "unwritten \(event)")
        }
    }

    private func text(_ why: TraceEvent.RefusedChange) -> String {
        switch why {
        case .anotherIsPending(let index, let applied):
            "possible unapplied conf change at index \(index) (applied to \(applied))"
        case .mustLeaveJointFirst: "must transition out of joint config first"
        case .notJoint: "not in joint state; refusing empty conf change"
        case .impossible(let error): error.description
        }
    }

    private func protobufText(_ change: ConfChangeV2) -> String {
        func pair(_ change: MemberChange) -> String {
            let kind =
                switch change {
                case .addVoter: "ConfChangeAddNode"
                case .addLearner: "ConfChangeAddLearnerNode"
                case .remove: "ConfChangeRemoveNode"
                case .update: "ConfChangeUpdateNode"
                }
            return "type:\(kind) node_id:\(change.node)"
        }
        let transition =
            switch change.transition {
            case .auto: "Auto"
            case .jointImplicit: "JointImplicit"
            case .jointExplicit: "JointExplicit"
            }
        return (["transition:ConfChangeTransition\(transition)"] + change.changes.map { "changes:{\(pair($0))}" })
            .joined(separator: " ")
    }
}
