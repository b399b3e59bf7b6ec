import Fleet
import Primitives
import Reconcile
import Testing

@Suite("Whether a member can be removed")
struct RemovalTests {
    struct Case: CustomTestStringConvertible {
        var voters: [UInt64]
        var answering: Set<UInt64>
        var leaving: UInt64
        var isForced: Bool
        /// A word of the refusal; nil if it can go.
        var refusal: String?

        var testDescription: String {
            "\(leaving) of \(voters), answering \(answering.sorted()), forced: \(isForced)"
        }
    }

    static let cases = [
        Case(voters: [1, 2, 3], answering: [1, 2], leaving: 3, isForced: false, refusal: nil),
        Case(voters: [1, 2, 3], answering: [1, 2, 3], leaving: 3, isForced: false, refusal: "--force"),
        Case(voters: [1, 2, 3], answering: [1, 2, 3], leaving: 3, isForced: true, refusal: nil),
        Case(voters: [1, 2, 3], answering: [1, 3], leaving: 3, isForced: true, refusal: "1 of 2 voters answer"),
        Case(voters: [1, 2, 3, 4], answering: [1, 2, 3], leaving: 3, isForced: true, refusal: nil),
        Case(voters: [1, 2, 4], answering: [1, 2], leaving: 2, isForced: true, refusal: "1 of 2 voters answer"),
        Case(voters: [1, 2], answering: [1], leaving: 2, isForced: false, refusal: nil),
        // The leader hands over first.
        Case(voters: [1, 2], answering: [1, 2], leaving: 1, isForced: true, refusal: nil),
        Case(voters: [1, 2], answering: [1], leaving: 1, isForced: true, refusal: "0 of 1 voters answer"),
        Case(voters: [1], answering: [1], leaving: 1, isForced: true, refusal: "0 of 0 voters answer"),
        // A learner's vote is not needed.
        Case(voters: [1, 2], answering: [1], leaving: 3, isForced: false, refusal: nil),
        Case(voters: [1, 2], answering: [1, 3], leaving: 3, isForced: false, refusal: "--force"),
    ]

    @Test(
        "whether a member can be removed depends on the members that answer, on force and on the voters that stay",
        arguments: cases)
    func table(_ one: Case) throws {
        let member = Member(
            id: one.leaving, name: "n\(one.leaving)", key: PublicKey([UInt8](repeating: 1, count: 32))!,
            addresses: [], role: .voter, joinedAt: WallTime(milliseconds: 0), level: 1, incarnation: 0)
        let refusal = removalRefusal(
            of: member, isForced: one.isForced, voters: one.voters, answers: one.answering.contains)
        #expect((refusal == nil) == (one.refusal == nil))
        if let text = one.refusal { #expect(refusal?.message.contains(text) == true) }
        #expect(refusal == nil || refusal?.reason == .conflict)
    }
}
