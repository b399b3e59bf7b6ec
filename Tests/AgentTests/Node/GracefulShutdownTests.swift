import API
import Contract
import Fleet
import JSONText
import Synchronization
import Testing

@testable import Agent

@Suite("The graceful shutdown of a node")
struct GracefulShutdownTests {
    private static let restart = "/blixard/v1/namespaces/default/virtualmachines/web/restart"

    @Test("a request under way is answered before its connection is closed, and nobody new is let in")
    func answered() async throws {
        let node = try await ServingNode()
        async let answer = node.client().send("POST", Self.restart, body: nil, request: nil)
        await node.backend.awaitRequests(1)
        async let end: Void = node.end(
            timeouts: GracefulShutdown.Timeouts(
                requestMilliseconds: 60_000, failureMilliseconds: 60_000, flushMilliseconds: 100))
        // Until nobody listens any more.
        while await node.isReachable() {}
        node.backend.release(nil)
        #expect(try await answer["status"]?.string == "Success")
        await end
    }

    @Test("who waits longer than the node does is told that nothing is known")
    func told() async throws {
        let node = try await ServingNode()
        let request = RequestID(high: 3, low: 4)
        let caller = Task { () async -> ClientFailure? in
            do throws(ClientFailure) {
                _ = try await node.client().send("POST", Self.restart, body: nil, request: nil)
                return nil
            } catch {
                return error
            }
        }
        await node.backend.awaitRequests(1)
        node.whatToTell.withLock { $0 = APIStatus(WriteFailure.outcomeUnknown(request)) }
        await node.end(
            timeouts: GracefulShutdown.Timeouts(
                requestMilliseconds: 1, failureMilliseconds: 60_000, flushMilliseconds: 100))
        let failure = await caller.value
        guard case .status? = failure else {
            Issue.record("the caller got no answer: \(String(describing: failure))")
            return
        }
        #expect(failure?.description.contains(request.description) == true)
    }

    @Test("a connection that is still open gets no new request answered, but the word to ask another node")
    func refused() async throws {
        let node = try await ServingNode()
        // Kept alive, so that it outlives the listener.
        let client = node.client()
        let first = Task { try await client.send("POST", Self.restart, body: nil, request: nil) }
        await node.backend.awaitRequests(1)
        node.backend.release(nil)
        _ = try await first.value
        #expect(await node.http.drain(milliseconds: 60_000))
        do throws(ClientFailure) {
            _ = try await client.send("POST", Self.restart, body: nil, request: nil)
            Issue.record("a node that ends began a new request")
        } catch {
            #expect("\(error)".contains("this node ends"))
        }
        await node.end(timeouts: .standard)
    }
}
