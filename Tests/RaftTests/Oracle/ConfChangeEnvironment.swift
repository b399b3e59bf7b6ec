import Raft

/// Membership changes by themselves.
struct ConfChangeEnvironment: Environment {
    private var changer = Changer(
        restoring: .empty, window: Inflights.Window(messages: 10, bytes: nil), lastIndex: .zero)

    mutating func perform(_ test: Case) -> String {
        defer { changer.lastIndex = changer.lastIndex.next }
        let changes = test.input.memberChanges ?? []
        do throws(MembershipError) {
            switch test.directive {
            case "simple": try changer.simple(changes)
            case "enter-joint": try changer.enterJoint(autoLeave: test.flag("autoleave"), changes)
            case "leave-joint": try changer.leaveJoint()
            default: return "unknown command"
            }
        } catch {
            return error.description
        }
        var text = changer.membership.description + "\n"
        for (id, progress) in changer.members { text += "\(id): \(Describe.progress(progress))\n" }
        return text
    }
}

extension String {
    /// Tokens such as `v1 l2 r3 u4`; a change of node 0 is no change. Nil if one can't be read.
    var memberChanges: [MemberChange]? {
        var changes: [MemberChange] = []
        for word in split(whereSeparator: \.isWhitespace) {
            guard let raw = UInt64(word.dropFirst()) else { return nil }
            guard raw != 0 else { continue }
            switch word.first {
            case "v": changes.append(.addVoter(NodeID(raw)))
            case "l": changes.append(.addLearner(NodeID(raw)))
            case "r": changes.append(.remove(NodeID(raw)))
            case "u": changes.append(.update(NodeID(raw)))
            default: return nil
            }
        }
        return changes
    }
}
