import API
import Contract
import Fleet
import JSONText
import Manifest
import NIOCore
import NIOPosix
import Primitives
import Testing

@Suite("Hostile HTTP")
struct RawHTTPTests {
    /// Sends bytes, and reads until the other side closes.
    private func exchange(_ port: Int, _ text: [UInt8], closesOutput: Bool = false) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            // The server may close before it has taken everything; what it said counts.
            if !text.isEmpty { try? await outbound.write(ByteBuffer(bytes: text)) }
            if closesOutput { outbound.finish() }
            var answer = ""
            do {
                for try await buffer in inbound { answer += String(buffer: buffer) }
            } catch {
                answer += "<reset>"
            }
            return answer
        }
    }

    @Test("What is no HTTP gets a 400 and a closed connection")
    func garbage() async throws {
        try await withServer { server, _ in
            let answer = try await exchange(server.port, Array("\u{1}\u{2} nonsense\r\n\r\n".utf8))
            #expect(answer.hasPrefix("HTTP/1.1 400"))
            let big = "GET / HTTP/1.1\r\nHost: x\r\nX: \(String(repeating: "a", count: 100_000))\r\n\r\n"
            let tooBig = try await exchange(server.port, Array(big.utf8))
            #expect(tooBig.hasPrefix("HTTP/1.1 4") || tooBig == "<reset>" || tooBig.isEmpty)
        }
    }

    @Test("Random bytes never take the server down")
    func randomBytes() async throws {
        var limits = HTTPLimits.standard
        limits.idleMilliseconds = 200
        try await withServer(limits: limits) { server, client in
            var generator = SeededGenerator(seed: 7)
            for _ in 0..<20 {
                let bytes = (0..<200).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
                _ = try await exchange(server.port, Array("POST /blixard/v1/apply HTTP/1.1\r\n".utf8) + bytes)
            }
            // With so short an idle time a busy host may lose a connection before its first request.
            #expect(await eventually { (try? await client.get("/version")["major"]) == "1" })
        }
    }

    @Test("A body beyond the limit gets a 413 as a Status, and the connection is usable or closed")
    func oversize() async throws {
        var limits = HTTPLimits.standard
        limits.bodyBytes = 1000
        try await withServer(limits: limits) { server, client in
            do {
                _ = try await client.send(
                    "POST", "/blixard/v1/apply", body: .string(String(repeating: "x", count: 2000)),
                    request: nil)
                Issue.record("it was taken")
            } catch {
                guard case ClientFailure.status(let status)? = error as? ClientFailure else {
                    Issue.record("\(error)")
                    return
                }
                #expect(status.reason == .requestEntityTooLarge)
            }
            #expect(try await client.get("/version")["major"] == "1")
            // Far beyond the limit nobody reads on.
            let endless = "POST /blixard/v1/apply HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n"
            let answer = try await exchange(
                server.port, Array(endless.utf8) + Array(repeating: UInt8(ascii: "x"), count: 10_000))
            #expect(answer.hasPrefix("HTTP/1.1 413") || answer.hasSuffix("<reset>"))
        }
    }

    @Test("Silent connections, heads and bodies that do not arrive are closed")
    func slow() async throws {
        var limits = HTTPLimits.standard
        limits.idleMilliseconds = 100
        limits.bodyMilliseconds = 100
        try await withServer(limits: limits) { server, client in
            #expect(try await exchange(server.port, []) == "")
            #expect(try await exchange(server.port, Array("GET /version HT".utf8)) == "")
            let unfinished = "POST /blixard/v1/apply HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"
            let answer = try await exchange(server.port, Array(unfinished.utf8))
            #expect(!answer.contains("200 OK"))
            let isServing = await eventually {
                // With so short an idle time a busy host may lose a connection before its first request.
                (try? await client.get("/version")["major"]) == "1"
            }
            #expect(isServing)
        }
    }

    @Test("A reader that takes nothing is closed")
    func stalledReader() async throws {
        var limits = HTTPLimits.standard
        limits.stalledWriteMilliseconds = 100
        try await withServer(limits: limits) { server, client in
            let text = String(repeating: "x", count: 60_000)
            server.backend.put(
                (0..<400).map { number in
                    Mutation.put(
                        Put(
                            key: Samples.machine("m\(number)"), labels: [:], annotations: ["note": text],
                            spec: Array("{}".utf8), precondition: .none, requiredNode: nil))
                })
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .channelOption(.autoRead, value: false)
                .connect(host: "127.0.0.1", port: server.port).get()
            let request = "GET /apis/blixard.dev/v1/virtualmachines HTTP/1.1\r\nHost: x\r\n\r\n"
            try await channel.writeAndFlush(ByteBuffer(string: request))
            // Nothing is read here, so only a write can notice that the other side has closed.
            let isClosed = await eventually {
                (try? await channel.writeAndFlush(ByteBuffer(string: " ")).get()) == nil
            }
            #expect(isClosed)
            // It may be closed by now, which is what is wanted.
            try? await channel.close().get()
            #expect(try await client.get("/version")["major"] == "1")
        }
    }

    @Test("A head that comes byte by byte is given up, in a connection's first request and in a later one")
    func slowHead() async throws {
        var limits = HTTPLimits.standard
        limits.headMilliseconds = 50
        try await withServer(limits: limits) { server, _ in
            let whole = "GET /api HTTP/1.1\r\nHost: x\r\n\r\n"
            for before in ["", whole] {
                let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .connect(host: "127.0.0.1", port: server.port).get()
                try await channel.writeAndFlush(ByteBuffer(string: before + "GET /"))
                // Far more bytes than there is time for.
                let isClosed = await eventually {
                    (try? await channel.writeAndFlush(ByteBuffer(string: "a")).get()) == nil
                }
                #expect(isClosed)
            }
        }
    }

    @Test("A connection that has nothing to ask is not one with a slow head")
    func idle() async throws {
        var limits = HTTPLimits.standard
        limits.headMilliseconds = 1
        limits.idleMilliseconds = 200
        try await withServer(limits: limits) { server, _ in
            let answer = try await exchange(server.port, Array("GET /api HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
            #expect(answer.contains("APIVersions"))
        }
    }

    @Test("A body that is refused and does not come is waited for a moment only, after the answer")
    func slowRefusedBody() async throws {
        var limits = HTTPLimits.standard
        limits.lingerMilliseconds = 50
        try await withServer(limits: limits) { server, client in
            server.connectAs(Samples.stranger)
            let head = "POST /blixard/v1/apply HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n{"
            #expect(try await exchange(server.port, Array(head.utf8)).hasPrefix("HTTP/1.1 403"))
            // A small one is read first, so that the connection can go on; it ends with its time.
            let small = "POST /blixard/v1/apply HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"
            _ = try await exchange(server.port, Array(small.utf8))
            #expect(try await client.get("/version")["major"] == "1")
        }
    }

    @Test("A watch with a body is told like any other, and its body is nobody's next request")
    func watchWithBody() async throws {
        try await withServer { server, _ in
            let request =
                "GET /apis/blixard.dev/v1/nodes?watch=true&timeoutSeconds=1 HTTP/1.1\r\nHost: x\r\n"
                + "Content-Length: 5\r\n\r\n{}   "
            let answer = try await exchange(server.port, Array(request.utf8))
            #expect(answer.hasPrefix("HTTP/1.1 200"))
            #expect(answer.contains("ADDED"))
        }
    }

    @Test("A refused request's body is taken off the connection, and a huge one ends it")
    func refusedBody() async throws {
        try await withServer { server, _ in
            server.connectAs(Samples.stranger)
            func request(_ count: Int) -> String {
                "POST /blixard/v1/apply HTTP/1.1\r\nHost: x\r\nContent-Length: \(count)\r\n\r\n"
                    + String(repeating: "x", count: min(count, 5_000_000))
            }
            let next = "GET /api HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            let answer = try await exchange(server.port, Array((request(30_000) + next).utf8))
            #expect(answer.hasPrefix("HTTP/1.1 403"))
            #expect(answer.contains("APIVersions"))
            for count in [100_000, 5_000_000, 50_000_000] {
                let cut = try await exchange(server.port, Array((request(count) + next).utf8))
                #expect(cut.hasPrefix("HTTP/1.1 403"), "\(count): \(cut.prefix(100))")
                #expect(cut.lowercased().contains("connection: close"))
                #expect(!cut.contains("APIVersions"))
            }
        }
    }

    @Test("A chunked body without a content type is read, as kubectl's raw requests send it")
    func chunked() async throws {
        try await withServer { server, _ in
            let body =
                #"{"documents":[{"apiVersion":"blixard.dev/v1","kind":"VirtualMachine","metadata":{"name":"w"}}]}"#
            let request =
                "POST /blixard/v1/apply HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                + "\(String(body.utf8.count, radix: 16))\r\n\(body)\r\n0\r\n\r\n"
            let answer = try await exchange(server.port, Array(request.utf8))
            #expect(answer.hasPrefix("HTTP/1.1 200"))
            #expect(answer.contains("\"created\""))
        }
    }

    @Test("Requests one behind the other on one connection are answered in order")
    func pipelining() async throws {
        try await withServer { server, _ in
            let one = "GET /api HTTP/1.1\r\nHost: x\r\n\r\n"
            let last = "GET /apis HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            let answer = try await exchange(server.port, Array((one + last).utf8))
            let first = try #require(answer.firstRange(of: "APIVersions"))
            let second = try #require(answer.firstRange(of: "APIGroupList"))
            #expect(first.upperBound <= second.lowerBound)
        }
    }

    @Test("HEAD has a head and no body")
    func head() async throws {
        try await withServer { server, _ in
            let answer = try await exchange(
                server.port, Array("HEAD /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".utf8))
            #expect(answer.hasPrefix("HTTP/1.1 200"))
            #expect(answer.hasSuffix("\r\n\r\n"))
        }
    }
}
