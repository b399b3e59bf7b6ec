import Fleet
import Primitives
import Reconcile

/// Whether a node is there, as far as the view knows.
enum Attendance: Equatable {
    case present
    /// It was heard from, but not lately.
    case silent(milliseconds: Int64)
    /// No node that could tell has heard from it.
    case neverHeard

    /// What follows a node's name in a message.
    var phrase: String {
        switch self {
        case .present: "is there"
        case .silent(let milliseconds): "was last heard from \(AgeText.of(milliseconds: milliseconds)) ago"
        case .neverHeard: "has not been heard from"
        }
    }

    /// When the node was last heard from, roughly.
    func lastSeen(now: WallTime) -> WallTime? {
        guard case .silent(let milliseconds) = self else { return nil }
        return WallTime(milliseconds: now.milliseconds.subtractingClamped(milliseconds))
    }
}

extension ClusterView {
    /// Whether a node is there; it is, if it is the one that answers.
    func attendance(of node: String) -> Attendance {
        if fleet.member(id: localID)?.name == node { return .present }
        guard let heard = liveness[node]?.lastHeardMilliseconds else { return .neverHeard }
        return heard >= NodeLife.silenceMilliseconds ? .silent(milliseconds: heard) : .present
    }
}
