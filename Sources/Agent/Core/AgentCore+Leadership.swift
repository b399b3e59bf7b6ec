import Host
import Primitives
import Raft
import Replica

extension AgentCore {
    /// How long the others may take to have another leader before this node ends all the same.
    private static let handOverMilliseconds: Int64 = 1000

    /// Lets another node lead, if this one does, so that its end costs no election.
    func handLeadershipOver() async {
        guard host.look({ $0.role == .leader && $0.voterIDs.count > 1 }) else { return }
        host.post(.handOver)
        let deadline = SystemClock.now() + Self.handOverMilliseconds
        while host.look({ $0.role == .leader }), SystemClock.now() < deadline {
            // Nothing cancels the shutdown of a node; if something does, it is only shorter.
            try? await Task.sleep(for: .milliseconds(10))
        }
    }
}
