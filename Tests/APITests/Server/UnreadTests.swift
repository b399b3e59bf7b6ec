import API
import Contract
import Fleet
import JSONText
import Manifest
import NIOCore
import NIOPosix
import Testing

@testable import API

@Suite("What clients do not read")
struct UnreadTests {
    private static let note = String(repeating: "x", count: 20_000)
    private static let machines = 200
    /// Of all objects together.
    private static let fleetBytes = machines * 22_000

    private func fill(_ server: TestServer, vcpus: Int = 1) {
        server.backend.put(
            (0..<Self.machines).map { number in
                Mutation.put(
                    Put(
                        key: Samples.machine("m\(number)"), labels: [:], annotations: ["note": Self.note],
                        spec: Array(#"{"vcpus":\#(vcpus)}"#.utf8), precondition: .none, requiredNode: nil))
            })
    }

    /// A client that asks and reads nothing.
    private func ask(_ server: TestServer, _ path: String) async throws -> any Channel {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: false)
            .channelOption(.socketOption(.so_rcvbuf), value: 4096)
            .connect(host: "127.0.0.1", port: server.port).get()
        try await channel.writeAndFlush(ByteBuffer(string: "GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n"))
        return channel
    }

    private func close(_ channels: [any Channel]) async {
        for channel in channels {
            // The server may have been quicker.
            try? await channel.close().get()
        }
    }

    private let lists = "/apis/blixard.dev/v1/virtualmachines"

    @Test("Lists that nobody reads are held once, and others are answered meanwhile")
    func unreadLists() async throws {
        try await withServer { server, client in
            fill(server)
            var channels: [any Channel] = []
            for _ in 0..<20 { channels.append(try await ask(server, lists)) }
            #expect(await eventually { server.service.outputBudget.use.streams == 20 })
            #expect(await eventually { server.service.outputBudget.use.bytes > Self.fleetBytes / 2 })
            #expect(server.service.outputBudget.use.bytes < Self.fleetBytes * 2 + 20 * (128 << 10))
            // The one who reads gets everything, in order and of one moment.
            let list = try await client.get(lists)
            let items = list["items"]?.array ?? []
            #expect(items.count == Self.machines)
            #expect(Set(items.compactMap { $0["metadata"]?["name"]?.string }).count == Self.machines)
            #expect(try await client.get(lists, accept: MediaType.table)["rows"]?.array?.count == Self.machines)
            await close(channels)
            #expect(await eventually { server.service.outputBudget.use.bytes == 0 })
            #expect(server.service.outputBudget.use.streams == 0)
        }
    }

    @Test("Watches that nobody reads hold a piece each, however much changes")
    func unreadWatches() async throws {
        try await withServer { server, client in
            fill(server)
            var channels: [any Channel] = []
            let revision = server.backend.fleet.revision
            for _ in 0..<20 {
                channels.append(try await ask(server, "\(lists)?watch=true&resourceVersion=\(revision)"))
            }
            #expect(await eventually { server.backend.with { $0.waiting } == 20 })
            for vcpus in 2..<6 { fill(server, vcpus: vcpus) }
            #expect(await eventually { server.service.outputBudget.use.streams == 20 })
            #expect(try await client.get("/version")["major"] == "1")
            fill(server, vcpus: 7)
            #expect(server.service.outputBudget.use.bytes < 20 * (128 << 10))
            await close(channels)
            #expect(await eventually { server.service.outputBudget.use.bytes == 0 })
        }
    }

    @Test("Objects that a watch holds back for a reader that takes nothing are counted")
    func heldBack() async throws {
        var limits = HTTPLimits.standard
        limits.silenceCheckMilliseconds = 5
        try await withServer(limits: limits) { server, _ in
            fill(server)
            for number in 0..<Self.machines { server.backend.bind(Samples.machine("m\(number)")) }
            let revision = server.backend.fleet.revision
            let path = "\(lists)?watch=true&resourceVersion=\(revision)"
            let channels = [try await ask(server, path), try await ask(server, path)]
            #expect(await eventually { server.backend.with { $0.waiting } == 2 })
            #expect(server.service.outputBudget.use.bytes < 256 << 10)
            server.backend.with {
                $0.localID = 2
                $0.liveness["node-1"] = NodeContact(
                    lastHeardMilliseconds: 60_000, roundTripMicroseconds: nil, connected: false, lag: nil,
                    role: "Follower")
            }
            // The same objects, once for both.
            #expect(await eventually { server.service.outputBudget.use.bytes > Self.fleetBytes / 2 })
            #expect(server.service.outputBudget.use.bytes < Self.fleetBytes * 3 / 2)
            await close(channels)
            #expect(await eventually { server.service.outputBudget.use.bytes == 0 })
        }
    }

    @Test("An answer that is rendered whole asks for room before it is rendered", arguments: ["plan", "observed"])
    func before(route: String) async throws {
        var limits = HTTPLimits.standard
        (limits.outputBytesOfKey, limits.outputBytes) = (Self.fleetBytes * 3 / 2, Self.fleetBytes * 2)
        limits.readerPatienceMilliseconds = 600_000
        limits.wholeAnswerBytes = Self.fleetBytes
        try await withServer(limits: limits) { server, client in
            fill(server)
            @Sendable func answer() async throws(ClientFailure) -> JSON {
                let path = "/blixard/v1/\(route)"
                return route == "plan"
                    ? try await client.send("POST", path, body: nil, request: nil) : try await client.get(path)
            }
            #expect(try await !answer().isNull)
            #expect(await eventually { server.service.outputBudget.use.bytes == 0 })
            let channel = try await ask(server, lists)
            #expect(await eventually { server.service.outputBudget.use.bytes > Self.fleetBytes / 2 })
            let refused = await failure(answer)
            #expect(refused.code == 429)
            #expect(server.backend.with { $0.rendered } == 1)
            await close([channel])
        }
    }

    @Test("A hundred watches and forty lists that nobody reads stay within what a key may hold")
    func claim() async throws {
        try await withServer { server, client in
            // 1,000 machines of 16 MB together.
            func change(_ vcpus: Int) {
                let note = String(repeating: "x", count: 15_500)
                for start in stride(from: 0, to: 1000, by: 500) {
                    server.backend.put(
                        (start..<start + 500).map { number in
                            Mutation.put(
                                Put(
                                    key: Samples.machine("m\(number)"), labels: [:], annotations: ["note": note],
                                    spec: Array(#"{"vcpus":\#(vcpus)}"#.utf8), precondition: .none, requiredNode: nil))
                        })
                }
            }
            change(1)
            server.connectAs(Samples.viewer)
            server.backend.apply(.grant(key: Samples.viewer, name: "eve", role: .viewer), author: Samples.admin)
            var channels: [any Channel] = []
            let revision = server.backend.fleet.revision
            for _ in 0..<100 {
                channels.append(try await ask(server, "\(lists)?watch=true&resourceVersion=\(revision)"))
            }
            #expect(await eventually { server.backend.with { $0.waiting } == 100 })
            for _ in 0..<20 { channels.append(try await ask(server, lists)) }
            #expect(await eventually { server.service.outputBudget.use.streams >= 20 })
            var most = 0
            for vcpus in 2..<5 {
                change(vcpus)
                most = max(most, server.service.outputBudget.use.bytes)
            }
            for _ in 0..<20 { channels.append(try await ask(server, lists)) }
            // A watch that is behind all that is kept of the changes ends; a list waits for its reader.
            #expect(await eventually { server.service.outputBudget.use.streams >= 40 })
            most = max(most, server.service.outputBudget.use.bytes)
            #expect(most <= HTTPLimits.standard.outputBytesOfKey, "\(most)")
            // Not 40 lists: two moments of the fleet, and pieces.
            #expect(most < 3 * 16_500_000 + 140 * (128 << 10), "\(most)")
            server.connectAs(Samples.admin)
            #expect(try await client.get("/version")["major"] == "1")
            await close(channels)
            #expect(await eventually { server.service.outputBudget.use.bytes == 0 })
        }
    }

    @Test("A watch that falls behind what is kept is told so when it reads, and ends")
    func behind() async throws {
        try await withServer { server, client in
            fill(server)
            let lines = try await client.lines(
                lists, query: [("watch", "true"), ("resourceVersion", String(server.backend.fleet.revision))])
            // More than the feed keeps, and than sockets hold.
            for vcpus in 2..<14 { fill(server, vcpus: vcpus) }
            var last: JSON?
            for try await line in lines { last = line }
            #expect(last?["type"] == "ERROR")
            #expect(last?["object"]?["code"] == 410)
        }
    }

    @Test("When there is no room, and nobody is slow yet, a new request is told to come back")
    func noRoom() async throws {
        var limits = HTTPLimits.standard
        limits.outputBytesOfKey = Self.fleetBytes * 3 / 2
        limits.outputBytes = Self.fleetBytes * 2
        limits.readerPatienceMilliseconds = 600_000
        try await withServer(limits: limits) { server, client in
            fill(server)
            let channel = try await ask(server, lists)
            #expect(await eventually { server.service.outputBudget.use.streams == 1 })
            let refused = await failure { () async throws(ClientFailure) in
                try await client.get(lists, query: [("consistency", "stale")])
            }
            #expect(refused.code == 429)
            #expect(refused.status["reason"] == "TooManyRequests")
            #expect(refused.status["details"]?["retryAfterSeconds"] == 1)
            #expect(try await client.get("/version")["major"] == "1")
            await close([channel])
            #expect(await eventually { server.service.outputBudget.use.streams == 0 })
        }
    }

    @Test("When there is no room, a reader that has taken nothing for too long makes it for another")
    func roomIsMade() async throws {
        var limits = HTTPLimits.standard
        limits.outputBytesOfKey = Self.fleetBytes * 3 / 2
        limits.outputBytes = Self.fleetBytes * 2
        limits.readerPatienceMilliseconds = 0
        try await withServer(limits: limits) { server, client in
            fill(server)
            let channel = try await ask(server, lists)
            #expect(await eventually { server.service.outputBudget.use.bytes > Self.fleetBytes / 2 })
            // Until the first reader's connection takes no more, there is none to end.
            @Sendable func isRead() async -> Bool {
                let list = try? await client.get(lists, query: [("consistency", "stale")])
                return list?["items"]?.array?.count == Self.machines
            }
            #expect(await eventually(isRead))
            #expect(server.service.outputBudget.use.ended == 1)
            await close([channel])
        }
    }

    @Test("A console log that nobody reads is counted, and comes whole to who reads")
    func logs() async throws {
        try await withServer { server, client in
            server.backend.put([Samples.put(Samples.machine("web"))])
            let text = Array(repeating: UInt8(ascii: "y"), count: 4 << 20)
            server.backend.with { $0.console = text }
            let path = "/blixard/v1/namespaces/default/virtualmachines/web/log"
            let channels = [
                try await ask(server, "\(path)?limit=\(4 << 20)"), try await ask(server, "\(path)?follow=true"),
            ]
            #expect(await eventually { server.service.outputBudget.use.streams == 2 })
            #expect(await eventually { server.service.outputBudget.use.bytes >= 4 << 20 })
            #expect(server.service.outputBudget.use.bytes < (4 << 20) + (256 << 10))
            var bytes = 0
            let answer = try await client.bytes(path, query: [("limit", String(4 << 20))])
            for try await piece in answer { bytes += piece.count }
            #expect(bytes == 4 << 20)
            await close(channels)
            #expect(await eventually { server.service.outputBudget.use.bytes == 0 })
        }
    }
}
