import Raft

/// The severity of a log line.
enum Level: Int, Comparable {
    case debug, info, warn, error, fatal, none

    init?(_ name: String) {
        switch name.lowercased() {
        case "debug": self = .debug
        case "info": self = .info
        case "warn": self = .warn
        case "error": self = .error
        case "fatal": self = .fatal
        case "none": self = .none
        default: return nil
        }
    }

    static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
}

/// Turns trace events into the log lines of the scenarios.
struct TraceText {
    /// The node that speaks.
    var id: NodeID

    private var me: String { Describe.hex(id) }
    private func hex(_ id: NodeID?) -> String { Describe.hex(id) }
    private func name(_ kind: Message.Kind) -> String { Describe.kind(kind) }

    func line(_ event: TraceEvent) -> (Level, String) {
        electionLine(event) ?? logLine(event) ?? progressLine(event) ?? otherLine(event)
    }

    private func electionLine(_ event: TraceEvent) -> (Level, String)? {
        switch event {
        case .switchedConfiguration(let state):
            return (.info, "\(me) switched to configuration \(Describe.configuration(state))")
        case .became(let role, let term):
            let what =
                switch role {
                case .follower: "follower"
                case .candidate: "candidate"
                case .leader: "leader"
                case .preCandidate: "pre-candidate"
                }
            return (.info, "\(me) became \(what) at term \(term)")
        case .started(let peers, let term, let commit, let applied, let last):
            return (
                .info,
                "newRaft \(me) [peers: [\(peers.map { hex($0) }.joined(separator: ","))], term: \(term), "
                    + "commit: \(commit), applied: \(applied), lastindex: \(last.index), lastterm: \(last.term)]"
            )
        case .startsElection(let term): return (.info, "\(me) is starting a new election at term \(term)")
        case .ignoredCampaignAsLeader: return (.debug, "\(me) ignoring MsgHup because already leader")
        case .unpromotable: return (.warn, "\(me) is unpromotable and can not campaign")
        case .campaignBlockedByConfChange(let term):
            return (
                .warn,
                "\(me) cannot campaign at term \(term) since there are still pending configuration changes to apply"
            )
        case .sentVoteRequest(let kind, let to, let term, let last):
            return (
                .info,
                "\(me) [logterm: \(last.term), index: \(last.index)] sent \(name(kind)) request to \(hex(to)) "
                    + "at term \(term)"
            )
        case .receivedVoteResponse(let kind, let from, let granted, let term):
            return (
                .info, "\(me) received \(name(kind)) \(granted ? "" : "rejection ")from \(hex(from)) at term \(term)"
            )
        case .votesCounted(let kind, let granted, let rejected):
            return (.info, "\(me) has received \(granted) \(name(kind)) votes and \(rejected) vote rejections")
        case .castVote(let request): return (.info, vote(request, "cast", "for"))
        case .rejectedVote(let request): return (.info, vote(request, "rejected", "from"))
        case .ignoredVoteWithinLease(let request, let ticks):
            return (
                .info, vote(request, "ignored", "from") + ": lease is not expired (remaining ticks: \(ticks))"
            )
        case .steppedDownWithoutQuorum:
            return (.warn, "\(me) stepped down to follower since quorum is not active")
        case .forgotLeader(let leader, let term):
            return (.info, "\(me) forgetting leader \(hex(leader)) at term \(term)")
        case .ignoredForgetLeaderWithLease: return (.error, "ignoring MsgForgetLeader due to ReadOnlyLeaseBased")
        case .higherTerm(let kind, let from, let term, let own):
            return (
                .info,
                "\(me) [term: \(own)] received a \(name(kind)) message with higher term from \(hex(from)) "
                    + "[term: \(term)]"
            )
        case .ignoredLowerTerm(let kind, let from, let term, let own):
            return (
                .info,
                "\(me) [term: \(own)] ignored a \(name(kind)) message with lower term from \(hex(from)) "
                    + "[term: \(term)]"
            )
        default: return nil
        }
    }

    private func vote(_ request: TraceEvent.VoteRequest, _ verb: String, _ preposition: String) -> String {
        "\(me) [logterm: \(request.last.term), index: \(request.last.index), vote: \(hex(request.vote))] "
            + "\(verb) \(name(request.kind)) \(preposition) \(hex(request.from)) "
            + "[logterm: \(request.candidate.term), index: \(request.candidate.index)] at term \(request.term)"
    }

    private func logLine(_ event: TraceEvent) -> (Level, String)? {
        switch event {
        case .ignoredStaleAppendAcknowledgement(let term, let own):
            return (
                .info,
                "\(me) [term: \(own)] ignored entry appends from a MsgStorageAppendResp message with lower term "
                    + "[term: \(term)]"
            )
        case .foundConflict(let index, let existing, let conflicting):
            return (
                .info,
                "found conflict at index \(index) [existing term: \(existing), conflicting term: \(conflicting)]"
            )
        case .replacedUnstable(let index): return (.info, "replace the unstable entries from index \(index)")
        case .truncatedUnstable(let index): return (.info, "truncate the unstable entries before index \(index)")
        case .acknowledgedEntryMissing(let index):
            return (.info, "entry at index \(index) missing from unstable log; ignoring")
        case .acknowledgedEntryIsSnapshot(let index):
            return (.info, "entry at index \(index) matched unstable snapshot; ignoring")
        case .acknowledgedEntryReplaced(let position, let here):
            return (
                .info,
                "entry at (index,term)=(\(position.index),\(position.term)) mismatched with entry at "
                    + "(\(position.index),\(here)) in unstable log; ignoring"
            )
        case .rejectedAppend(let from, let previous, let here):
            return (
                .debug,
                "\(me) [logterm: \(here), index: \(previous.index)] rejected MsgApp "
                    + "[logterm: \(previous.term), index: \(previous.index)] from \(hex(from))"
            )
        case .appendRejected(let by, let index, let hint):
            return (
                .debug,
                "\(me) received MsgAppResp(rejected, hint: (index \(hint.index), term \(hint.term))) "
                    + "from \(hex(by)) for index \(index)"
            )
        case .startsRestore(let marks, let snapshot):
            return (
                .info,
                "log [committed=\(marks.committed), applied=\(marks.applied), applying=\(marks.applying), "
                    + "unstable.offset=\(marks.unstableOffset), "
                    + "unstable.offsetInProgress=\(marks.unstableOffsetInProgress), "
                    + "len(unstable.Entries)=\(marks.unstableCount)] starts to restore snapshot \(at(snapshot))"
            )
        case .restored(let commit, let last, let snapshot):
            return (.info, "\(restoring(commit, last)) restored snapshot \(at(snapshot))")
        case .fastForwarded(let commit, let last, let snapshot):
            return (.info, "\(restoring(commit, last)) fast-forwarded commit to snapshot \(at(snapshot))")
        case .tookSnapshot(let commit, let snapshot):
            return (.info, "\(me) [commit: \(commit)] restored snapshot \(at(snapshot))")
        case .ignoredSnapshot(let commit, let snapshot):
            return (.info, "\(me) [commit: \(commit)] ignored snapshot \(at(snapshot))")
        case .refusedSnapshotWithoutSelf(let state):
            return (
                .warn,
                "\(me) attempted to restore snapshot but it is not in the ConfState \(Describe.confState(state)); "
                    + "should never happen"
            )
        default: return nil
        }
    }

    private func at(_ position: LogPosition) -> String { "[index: \(position.index), term: \(position.term)]" }

    private func restoring(_ commit: LogIndex, _ last: LogPosition) -> String {
        "\(me) [commit: \(commit), lastindex: \(last.index), lastterm: \(last.term)]"
    }

    private func progressLine(_ event: TraceEvent) -> (Level, String)? {
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

    private func otherLine(_ event: TraceEvent) -> (Level, String) {
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
