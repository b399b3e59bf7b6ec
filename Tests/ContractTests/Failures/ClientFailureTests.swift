import Fleet
import Primitives
import Testing

@testable import Contract

@Suite("Failures of a client")
struct ClientFailureTests {
    private static let unknown = APIStatus.Reason(word: "Unauthorized", code: 401)

    @Test("A status tells what it means for what was asked")
    func statuses() {
        func failure(_ reason: APIStatus.Reason) -> ClientFailure { .status(APIStatus(reason, "because")) }
        for reason in APIStatus.Reason.all + [Self.unknown] {
            #expect(failure(reason).isNotFound == (reason == .notFound))
            #expect(failure(reason).isConflict == (reason == .conflict))
            #expect(failure(reason).hasExpired == (reason == .expired))
            #expect(failure(reason).isTransient == [429, 503, 504].contains(reason.code))
            #expect(failure(reason).isOutcomeUnknown == (reason.code == 504))
            #expect(failure(reason).description == "because")
        }
        #expect(ClientFailure.status(APIStatus(APIStatus.Reason(word: "Gone", code: 410), "")).hasExpired)
    }

    @Test("Of the failures without a status, only a lost answer leaves the outcome open")
    func others() {
        let failures: [ClientFailure] = [
            .unreachable([UnreachableEndpoint(endpoint: "node-1", reason: "refused")]), .protocolViolation("x"),
            .lostAnswer(request: RequestID(high: 0, low: 1), reason: "closed"),
            .untrustedKey(address: "a:1", seen: Bodies.key), .unusable("no file"),
        ]
        #expect(failures.map(\.isOutcomeUnknown) == [false, false, true, false, false])
        #expect(failures.map(\.isTransient) == [true, false, true, false, false])
        #expect(failures.allSatisfy { $0.reason == nil && !$0.isNotFound && !$0.isConflict && !$0.hasExpired })
        #expect(failures[0].description == "no endpoint answered: node-1: refused")
    }
}
