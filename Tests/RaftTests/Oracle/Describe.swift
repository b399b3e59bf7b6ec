import Raft

/// The scenarios' way of writing what the module only knows as values.
enum Describe {
    static func hex(_ id: NodeID?) -> String { String(id?.rawValue ?? 0, radix: 16) }
    static func decimal(_ id: NodeID?) -> String { String(id?.rawValue ?? 0) }

    static func target(_ id: NodeID) -> String {
        switch id {
        case .appendThread: "AppendThread"
        case .applyThread: "ApplyThread"
        default: hex(id)
        }
    }

    static func kind(_ kind: Message.Kind) -> String {
        switch kind {
        case .hup: "MsgHup"
        case .beat: "MsgBeat"
        case .propose: "MsgProp"
        case .append: "MsgApp"
        case .appendResponse: "MsgAppResp"
        case .vote: "MsgVote"
        case .voteResponse: "MsgVoteResp"
        case .snapshot: "MsgSnap"
        case .heartbeat: "MsgHeartbeat"
        case .heartbeatResponse: "MsgHeartbeatResp"
        case .unreachable: "MsgUnreachable"
        case .snapshotStatus: "MsgSnapStatus"
        case .checkQuorum: "MsgCheckQuorum"
        case .transferLeader: "MsgTransferLeader"
        case .timeoutNow: "MsgTimeoutNow"
        case .readIndex: "MsgReadIndex"
        case .readIndexResponse: "MsgReadIndexResp"
        case .preVote: "MsgPreVote"
        case .preVoteResponse: "MsgPreVoteResp"
        case .storageAppend: "MsgStorageAppend"
        case .storageAppendResponse: "MsgStorageAppendResp"
        case .storageApply: "MsgStorageApply"
        case .storageApplyResponse: "MsgStorageApplyResp"
        case .forgetLeader: "MsgForgetLeader"
        }
    }

    static func role(_ role: Role) -> String {
        switch role {
        case .follower: "StateFollower"
        case .candidate: "StateCandidate"
        case .leader: "StateLeader"
        case .preCandidate: "StatePreCandidate"
        }
    }

    /// Text as Go writes it between quotes.
    static func quoted(_ bytes: [UInt8]) -> String {
        func hex(_ byte: UInt8) -> String { (byte < 16 ? "\\x0" : "\\x") + String(byte, radix: 16) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return "\"" + bytes.map { $0 < 0x80 ? escaped(Unicode.Scalar($0)) : hex($0) }.joined() + "\""
        }
        return "\"" + text.unicodeScalars.map(escaped).joined() + "\""
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        let names: [Unicode.Scalar: String] = [
            "\"": "\\\"", "\\": "\\\\", "\u{7}": "\\a", "\u{8}": "\\b", "\u{c}": "\\f", "\n": "\\n", "\r": "\\r",
            "\t": "\\t", "\u{b}": "\\v",
        ]
        if let name = names[scalar] { return name }
        guard scalar.value < 0x20 || scalar.value == 0x7f else { return String(Character(scalar)) }
        return (scalar.value < 16 ? "\\x0" : "\\x") + String(scalar.value, radix: 16)
    }

    static func changes(_ changes: [MemberChange]) -> String {
        changes.map { change in
            switch change {
            case .addVoter(let id): "v\(id)"
            case .addLearner(let id): "l\(id)"
            case .remove(let id): "r\(id)"
            case .update(let id): "u\(id)"
            }
        }.joined(separator: " ")
    }

    static func entry(_ entry: Entry) -> String {
        let kind: String
        let payload: String
        switch entry.kind {
        case .normal:
            kind = "EntryNormal"
            payload = quoted(entry.data)
        case .membershipV1, .membership:
            kind = entry.kind == .membership ? "EntryConfChangeV2" : "EntryConfChange"
            payload = (try? entry.confChange()).map { changes($0.changes) } ?? "unreadable"
        }
        return "\(entry.term)/\(entry.index) \(kind)" + (payload.isEmpty ? "" : " " + payload)
    }

    static func entries(_ entries: some Sequence<Entry>) -> String {
        entries.map { entry($0) + "\n" }.joined()
    }

    static func list(_ ids: [NodeID]) -> String { "[" + ids.map(\.description).joined(separator: " ") + "]" }

    static func confState(_ state: ConfState) -> String {
        "Voters:\(list(state.voters)) VotersOutgoing:\(list(state.votersOutgoing)) Learners:\(list(state.learners)) "
            + "LearnersNext:\(list(state.learnersNext)) AutoLeave:\(state.autoLeave)"
    }

    static func snapshot(_ snapshot: Snapshot) -> String {
        "Index:\(snapshot.index) Term:\(snapshot.term) ConfState:\(confState(snapshot.metadata.confState))"
    }

    static func message(_ message: Message, indent: String = "") -> String {
        var text =
            "\(target(message.from))->\(target(message.to)) \(kind(message.kind)) Term:\(message.term) "
            + "Log:\(message.logTerm)/\(message.index)"
        if message.reject { text += " Rejected (Hint: \(message.rejectHint))" }
        if message.commit != .zero { text += " Commit:\(message.commit)" }
        if message.vote != nil { text += " Vote:\(decimal(message.vote))" }
        if message.entries.count == 1 {
            text += " Entries:[\(entry(message.entries[0]))]"
        } else if !message.entries.isEmpty {
            text += " Entries:["
            for each in message.entries { text += "\n\(indent)  \(entry(each))" }
            text += "\n\(indent)]"
        }
        if let snapshot = message.snapshot { text += "\n\(indent)  Snapshot: \(self.snapshot(snapshot))" }
        if !message.responses.isEmpty {
            text += " Responses:["
            for response in message.responses {
                text += "\n\(indent)  " + self.message(response, indent: indent + "  ")
            }
            text += "\n\(indent)]"
        }
        return text
    }

    static func ready(_ ready: Ready) -> String {
        var text = ""
        if let soft = ready.softState { text += "Lead:\(decimal(soft.leader)) State:\(role(soft.role))\n" }
        if let hard = ready.hardState {
            text += "HardState Term:\(hard.term)"
            if let vote = hard.vote { text += " Vote:\(vote)" }
            text += " Commit:\(hard.commit)\n"
        }
        if !ready.readStates.isEmpty {
            let states = ready.readStates.map { state in
                "{\(state.index) [" + state.context.map { String($0) }.joined(separator: " ") + "]}"
            }
            text += "ReadStates [" + states.joined(separator: " ") + "]\n"
        }
        if !ready.entries.isEmpty { text += "Entries:\n" + entries(ready.entries) }
        if let snapshot = ready.snapshot { text += "Snapshot \(self.snapshot(snapshot))\n" }
        if !ready.committed.isEmpty { text += "CommittedEntries:\n" + entries(ready.committed) }
        if !ready.messages.isEmpty {
            text += "Messages:\n" + ready.messages.map { message($0) + "\n" }.joined()
        }
        return text.isEmpty ? "<empty Ready>" : "Ready MustSync=\(ready.mustSync):\n" + text
    }

    static func progress(_ progress: Progress) -> String {
        let state =
            switch progress.state {
            case .probe: "StateProbe"
            case .replicate: "StateReplicate"
            case .snapshot: "StateSnapshot"
            }
        var text = "\(state) match=\(progress.match) next=\(progress.next)"
        if progress.isLearner { text += " learner" }
        if progress.isPaused { text += " paused" }
        if progress.pendingSnapshot != .zero { text += " pendingSnap=\(progress.pendingSnapshot)" }
        if !progress.recentActive { text += " inactive" }
        if progress.inflightCount > 0 {
            text += " inflight=\(progress.inflightCount)" + (progress.inflightIsFull ? "[full]" : "")
        }
        return text
    }

    static func configuration(_ state: ConfState) -> String { Membership(state).description }
}
