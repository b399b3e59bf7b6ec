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

    var me: String { Describe.hex(id) }
    func hex(_ id: NodeID?) -> String { Describe.hex(id) }
    func name(_ kind: Message.Kind) -> String { Describe.kind(kind) }

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
}
