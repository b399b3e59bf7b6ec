import Fleet
import JSONText
import Manifest
import Primitives
import Testing

@testable import Contract

@Suite("Requests")
struct RequestBodyTests {
    private static func check<Body: RequestBody>(_ body: Body) throws {
        let text = String(decoding: body.json.canonicalBytes, as: UTF8.self)
        #expect(try Body(json: try JSON(parsing: text)) == body, "\(text)")
    }

    @Test("A server reads what a client has written", arguments: Bodies.requests.indices)
    func roundTrip(_ index: Int) throws {
        try Self.check(Bodies.requests[index])
    }

    private static func read<Body: RequestBody>(_ json: JSON, like _: Body) -> Body? {
        do throws(APIStatus) {
            return try Body(json: json)
        } catch {
            #expect((400..<500).contains(error.reason.code))
            return nil
        }
    }

    @Test(
        "Whatever stands in any place of a request is taken or refused, with no trap",
        arguments: Bodies.requests.indices)
    func mutations(_ index: Int) {
        let body = Bodies.requests[index]
        for json in Bodies.mutations(of: body.json) {
            guard let read = Self.read(json, like: body) else { continue }
            #expect(Self.read(read.json, like: body) != nil, "\(String(decoding: json.canonicalBytes, as: UTF8.self))")
        }
    }

    private static func refuses<Body: RequestBody>(_ body: Body) -> Bool {
        var json = body.json
        json["fromTomorrow"] = 1
        return read(json, like: body) == nil
    }

    @Test(
        "A member that is not known is refused, but for what a newcomer says of itself",
        arguments: Bodies.requests.indices)
    func unknownMembers(_ index: Int) {
        let body = Bodies.requests[index]
        let isOpen = body is JoinRequest || (body as? PlanRequest)?.apply == nil && body is PlanRequest
        #expect(Self.refuses(body) == !isOpen)
    }

    @Test("Nothing, or an empty object, is a request with its usual values where it has some")
    func empty() throws {
        for json in [nil, [:]] as [JSON] {
            #expect(try ShutdownRequest(json: json) == ShutdownRequest(stopsMachines: false))
            #expect(try TicketRequest(json: json) == TicketRequest(ttlSeconds: 3600, uses: 1, node: nil))
            #expect(try RemovalRequest(json: json) == RemovalRequest(id: nil, isForced: false))
            #expect(try PlanRequest(json: json) == PlanRequest(apply: nil))
            #expect(throws: APIStatus.self) { try ApplyRequest(json: json) }
            #expect(throws: APIStatus.self) { try DeleteRequest(json: json) }
            #expect(throws: APIStatus.self) { try JoinRequest(json: json) }
            #expect(throws: APIStatus.self) { try GrantRequest(json: json) }
        }
    }

    @Test("More documents than an apply may have are too large a request")
    func limits() {
        let status = #expect(throws: APIStatus.self) {
            try ApplyRequest(json: ["documents": .array(Array(repeating: nil, count: Limits.objectsPerApply + 1))])
        }
        #expect(status?.reason == .requestEntityTooLarge)
    }

    @Test("An id of a write and its base revision are read from texts, the revision also from a number")
    func identity() throws {
        let id = String(repeating: "0a", count: 16)
        let identity = try WriteIdentity(body: ["request": .string(id), "baseRevision": 7])
        #expect(identity == WriteIdentity(request: RequestID(hex: id), baseRevision: 7))
        #expect(try WriteIdentity(body: nil) == WriteIdentity())
        for body in [["request": "0a"], ["baseRevision": -1], ["baseRevision": "x"], ["request": 1]] as [JSON] {
            #expect(throws: APIStatus.self) { try WriteIdentity(body: body) }
        }
    }
}
