import Hypervisor
import JSONText
import Manifest
import Primitives
import Reconcile
import Testing

@testable import Contract

@Suite("Answers")
struct AnswerBodyTests {
    private static func check<Body: AnswerBody>(_ body: Body) throws {
        let text = String(decoding: body.json.canonicalBytes, as: UTF8.self)
        #expect(try Body(json: try JSON(parsing: text)) == body, "\(text)")
    }

    @Test("A client reads what a server has written", arguments: Bodies.answers.indices)
    func roundTrip(_ index: Int) throws {
        try Self.check(Bodies.answers[index])
    }

    /// Reads a value of any form; nil if it is refused.
    private static func read<Body: AnswerBody>(_ json: JSON, like _: Body) -> Body? {
        do throws(AnswerMismatch) {
            return try Body(json: json)
        } catch {
            #expect(error.description.hasPrefix(Body.title + ": "), "\(error)")
            #expect(error.description.utf8.count < 400, "\(error)")
            return nil
        }
    }

    @Test(
        "Whatever stands in any place of an answer is taken or refused, with no trap", arguments: Bodies.answers.indices
    )
    func mutations(_ index: Int) {
        let body = Bodies.answers[index]
        for json in Bodies.mutations(of: body.json) {
            guard let read = Self.read(json, like: body) else { continue }
            // What was taken can be said again.
            #expect(Self.read(read.json, like: body) != nil, "\(String(decoding: json.canonicalBytes, as: UTF8.self))")
        }
    }

    @Test("An answer that is cut off anywhere is none", arguments: Bodies.answers.indices)
    func truncation(_ index: Int) {
        let bytes = Bodies.answers[index].json.canonicalBytes
        for length in 0..<bytes.count {
            #expect(throws: JSONError.self) { try JSON(parsing: Array(bytes[..<length])) }
        }
    }

    /// The same with a member that is not known in every object.
    private static func extended(_ json: JSON) -> JSON {
        switch json {
        case .object(let object):
            var extended: JSON = [:]
            for member in object { extended[member.key] = .some(Self.extended(member.value)) }
            extended["fromTomorrow"] = [["a": 1]]
            return extended
        case .array(let elements): return .array(elements.map(Self.extended))
        default: return json
        }
    }

    private static func checkExtended<Body: AnswerBody>(_ body: Body) throws {
        #expect(try Body(json: extended(body.json)) == body)
    }

    /// All but the one with a member whose own members are the names of images.
    private static let extensible = Bodies.answers.indices.filter { !(Bodies.answers[$0] is ObservedAnswer) }

    @Test("A newer server may add members", arguments: extensible)
    func unknownMembers(_ index: Int) throws {
        try Self.checkExtended(Bodies.answers[index])
    }

    @Test("What a node sees is read with the instants of the reader's own clock, and a newer node may say more")
    func observed() throws {
        var json = Bodies.observed.json
        json["fromTomorrow"] = [["a": 1]]
        let now = Instant(milliseconds: 1000)
        let read = try ObservedAnswer(json: json, now: now)
        let machine = try #require(read.observations.machines[UID(high: 3, low: 4)])
        #expect(machine.observation.observedAt == now + -5)
        #expect(machine.retryAt == now + 7)
        #expect(read.json == Bodies.observed.json)
        json["unknownMachines"] = ["web"]
        #expect(throws: AnswerMismatch.self) { try ObservedAnswer(json: json, now: now) }
    }

    @Test("A mismatch names the place, what must be there and what was found")
    func mismatches() {
        func text(_ json: JSON) -> String? {
            #expect(throws: AnswerMismatch.self) { try WriteReport(json: json) }?.description
        }
        var report = Bodies.report.json
        let title = "the answer to an apply or a delete: "
        #expect(text(nil) == title + "must be an object, found null")
        report["revision"] = 9
        #expect(text(report) == title + "revision: must be a text that holds a whole number, found 9")
        report = Bodies.report.json
        report["results"] = [report["results"]?[0] ?? nil, ["kind": "VirtualMachine", "operation": "created"]]
        #expect(text(report) == title + "results[1].namespace: is missing, must be a text")
        report["results"] = [7]
        #expect(text(report) == title + "results[0]: must be an object, found a number")
    }

    @Test("A client takes an answer of another form for none of this API")
    func clientFailure() {
        #expect(
            throws: ClientFailure.protocolViolation("the list of grants: must be an object, found an array")
        ) {
            try GrantList(answer: [])
        }
    }

    @Test("Ages travel in whole seconds, and one that no clock counts ends at the largest")
    func ages() throws {
        var action = Bodies.plan.actions[0]
        action.observedAgeMilliseconds = 1999
        var plan = Bodies.plan
        plan.actions = [action]
        #expect(plan.json["actions"]?[0]?["observedAgeSeconds"] == 1)
        #expect(try PlanAnswer(json: plan.json).actions[0].observedAgeMilliseconds == 1000)
        var actionJSON = plan.json["actions"]?[0] ?? nil
        actionJSON["observedAgeSeconds"] = .integer(.max)
        var json = plan.json
        json["actions"] = [actionJSON]
        #expect(try PlanAnswer(json: json).actions[0].observedAgeMilliseconds == .max)
    }

    @Test(
        "A round trip is told in milliseconds to the microsecond", arguments: [0, 1, 999, 1000, 1001, 86_399_999_999])
    func roundTripTimes(_ microseconds: Int64) throws {
        var state = Bodies.state
        state.nodes[0].roundTripMicroseconds = microseconds
        #expect(try ClusterState(json: state.json).nodes[0].roundTripMicroseconds == microseconds)
    }
}
