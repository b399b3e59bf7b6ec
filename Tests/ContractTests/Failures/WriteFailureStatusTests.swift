import Contract
import Fleet
import Manifest
import Primitives
import Testing

@Suite("What a write's failure becomes as a Status")
struct WriteFailureStatusTests {
    private static let request = RequestID(high: 1, low: 5)
    private static let key = PublicKey(Array(repeating: 7, count: 32))!
    private static let refusal = Refusal(
        reason: .notFound, key: ObjectKey(kind: "VirtualMachine", namespace: "default", name: "web"), field: nil,
        message: "gone")

    @Test(
        "each failure of a write has the code of its kind, and says what was recorded or what to do",
        arguments: [
            (.noQuorum(connected: 1, voters: 3), 503, "no quorum: 1 of 3 voters; nothing was recorded"),
            (.noQuorum(connected: 2, voters: 4), 503, "no quorum: 2 of 4 voters; nothing was recorded"),
            (
                .noQuorum(connected: 3, voters: 3), 503,
                "no leader answers, although 3 of 3 voters are connected: an election may be under way; "
                    + "nothing was recorded"
            ),
            (.notLeader, 503, "no leader is known at the moment; nothing was recorded"),
            (
                .unavailable(.stateNotKnown), 503,
                "this node does not have the cluster's state yet; nothing was recorded"
            ),
            (
                .unavailable(.diskFull(leader: 2)), 503,
                "the disk of the leader, node 2, has no room for its log; nothing was recorded"
            ),
            (
                .forbidden(.mayOnlyRead(key, role: .viewer)), 403, "key \(key.short) may only read (viewer)"
            ),
            (
                .forbidden(.mayOnlyRead(key, role: nil)), 403, "key \(key.short) may only read (not admitted)"
            ),
            (.refused([refusal]), 404, "virtualmachines.blixard.dev \"web\" not found"),
            (
                .tooLarge(bytes: 20, limit: 10), 413,
                "the write takes 20 bytes in the log, and an entry may have 10: split it"
            ),
            (
                .outcomeUnknown(request), 504,
                "outcome unknown: it may still take effect; ask again with request \(request) to learn which"
            ),
        ] as [(WriteFailure, Int, String)])
    func statuses(failure: WriteFailure, code: Int, message: String) {
        let status = APIStatus(failure)
        #expect(status.reason.code == code)
        #expect(status.message == message)
        #expect((status.retryAfterSeconds != nil) == (code == 503))
    }

    @Test("an unknown outcome names the request to ask again with as a cause")
    func outcomeUnknown() {
        #expect(APIStatus(WriteFailure.outcomeUnknown(Self.request)).causes.map(\.message) == ["\(Self.request)"])
    }
}
