import API
import Contract
import Fleet
import JSONText
import Manifest
import Testing

@Suite("Watches over a socket")
struct WatchRouteTests {
    private let machines = "/apis/blixard.dev/v1/namespaces/default/virtualmachines"

    @Test("A watch tells what is there, then what changes, and ends when the node stops")
    func watch() async throws {
        try await withServer { server, client in
            server.backend.put([Samples.put(Samples.machine("web"))])
            let lines = try await client.lines(machines, query: [("watch", "true")])
            var iterator = lines.makeAsyncIterator()
            let added = try await iterator.next()
            #expect(added?["type"] == "ADDED")
            #expect(added?["object"]?["metadata"]?["name"] == "web")
            server.backend.put([Samples.put(Samples.machine("web"), spec: #"{"vcpus":2}"#)])
            let modified = try await iterator.next()
            #expect(modified?["type"] == "MODIFIED")
            #expect(modified?["object"]?["spec"]?["vcpus"] == 2)
            server.service.endStreams()
            #expect(try await iterator.next() == nil)
        }
    }

    @Test("A node that can give no first view says so by its code, and the client watches another")
    func noFirstView() async throws {
        try await withServer { leaderless, client in
            leaderless.backend.with { $0.failure = APIStatus(WriteFailure.notLeader) }
            let refused = await failure { () async throws(ClientFailure) in
                _ = try await client.lines(machines, query: [("watch", "true")])
            }
            #expect(refused.code == 503)
            try await withServer { good, _ in
                good.backend.put([Samples.put(Samples.machine("web"))])
                let both = APIClient(
                    transport: PlainTransport(), endpoints: [leaderless.endpoint, good.endpoint],
                    timeouts: .interactive)
                defer { both.close() }
                var iterator = try await both.lines(machines, query: [("watch", "true")]).makeAsyncIterator()
                #expect(try await iterator.next()?["type"] == "ADDED")
            }
        }
    }

    @Test("A watch whose connection is cut ends as lost, and not as something that was not understood")
    func cut() async throws {
        try await withServer { server, _ in
            server.backend.put([Samples.put(Samples.machine("web"))])
            let proxy = try await LossyProxy(to: server.port, losesFirst: 0)
            let client = APIClient(transport: PlainTransport(), endpoints: [proxy.endpoint], timeouts: .interactive)
            defer { client.close() }
            var iterator = try await client.lines(machines, query: [("watch", "true")]).makeAsyncIterator()
            #expect(try await iterator.next()?["type"] == "ADDED")
            await proxy.closeConnections()
            do throws(ClientFailure) {
                let more = try await iterator.next()
                Issue.record("\(String(describing: more)) after the end")
            } catch {
                #expect(error == .lostAnswer(request: nil, reason: "the connection was closed"))
            }
            try await proxy.stop()
        }
    }

    @Test("A watch from a version that is gone gets one error and ends")
    func expired() async throws {
        try await withServer { server, client in
            let lines = try await client.lines(machines, query: [("watch", "1"), ("resourceVersion", "999999")])
            var iterator = lines.makeAsyncIterator()
            #expect(try await iterator.next()?["object"]?["code"] == 410)
            #expect(try await iterator.next() == nil)
        }
    }

    @Test("A watch ends cleanly at its time, with a bookmark for those who asked")
    func timeout() async throws {
        try await withServer { server, client in
            let lines = try await client.lines(
                machines, query: [("watch", "true"), ("timeoutSeconds", "0"), ("allowWatchBookmarks", "true")])
            var iterator = lines.makeAsyncIterator()
            let bookmark = try await iterator.next()
            #expect(bookmark?["type"] == "BOOKMARK")
            #expect(
                bookmark?["object"]?["metadata"]?["resourceVersion"]?.string == String(server.backend.fleet.revision))
            #expect(try await iterator.next() == nil)
        }
    }

    @Test("A client that goes away ends its watch on the node")
    func disconnect() async throws {
        try await withServer { server, client in
            do {
                let lines = try await client.lines(machines, query: [("watch", "true")])
                #expect(await eventually { server.backend.with { $0.waiting } == 1 })
                _ = lines
            }
            #expect(await eventually { server.backend.with { $0.waiting } == 0 })
        }
    }

    @Test("A quiet watch sends signs of life that are no values")
    func heartbeat() async throws {
        var limits = HTTPLimits.standard
        limits.heartbeatMilliseconds = 10
        limits.silenceCheckMilliseconds = 10
        try await withServer(limits: limits) { server, client in
            let answer = try await client.bytes(machines, query: [("watch", "true")])
            let iterator = answer.makeAsyncIterator()
            #expect(try await iterator.next() == [0x0a])
            #expect(try await iterator.next() == [0x0a])
        }
    }
}
