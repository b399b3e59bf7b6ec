import API
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
