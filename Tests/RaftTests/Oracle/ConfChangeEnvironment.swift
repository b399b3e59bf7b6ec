import Raft

/// Membership changes by themselves.
struct ConfChangeEnvironment: Environment {
    private var changer = Changer(
        restoring: .empty, window: Inflights.Window(messages: 10, bytes: nil), lastIndex: .zero)

    static let directives: Set<String> = ["simple", "enter-joint", "leave-joint"]

    mutating func perform(_ test: Case) -> String {
        defer { changer.lastIndex = changer.lastIndex.next }
        guard ConfChangeEnvironment.directives.contains(test.directive) else { return "unknown command" }
        let changes: [MemberChange]
        do throws(InteractionEnvironment.Failure) {
            changes = try test.input.memberChanges()
        } catch {
            return error.text
        }
        do throws(MembershipError) {
            switch test.directive {
            case "simple": try changer.simple(changes)
            case "enter-joint": try changer.enterJoint(autoLeave: test.flag("autoleave"), changes)
            default:
                guard changes.isEmpty else { return "this command takes no input" }
                try changer.leaveJoint()
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
    /// Tokens such as `v1 l2 r3 u4`; a change of node 0 is no change.
    func memberChanges() throws(InteractionEnvironment.Failure) -> [MemberChange] {
        var changes: [MemberChange] = []
        for word in split(whereSeparator: \.isWhitespace) {
            guard word.count > 1 else { throw .init("unknown token \(word)") }
            guard "vlru".contains(word.prefix(1)) else { throw .init("unknown input: \(word)") }
            guard let raw = UInt64(word.dropFirst()) else {
                throw .init("strconv.ParseUint: parsing \"\(word.dropFirst())\": invalid syntax")
            }
            guard raw != 0, !NodeID(raw).isLocalThread else { continue }
            let id = NodeID(raw)
            switch word.first {
            case "v": changes.append(.addVoter(id))
            case "l": changes.append(.addLearner(id))
            case "r": changes.append(.remove(id))
            default: changes.append(.update(id))
            }
        }
        return changes
    }
}
