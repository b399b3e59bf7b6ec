import Glibc
import Mesh
import NIOCore
import NIOPosix
import Primitives
import Testing

@Suite struct DialTests {
    @Test("Both sides prove their keys, and bytes go both ways")
    func mutualProof() async throws {
        let fixture = try await Fixture()
        let dialer = Dialer(identity: Identity(), group: Fixture.group)
        let connection = try await dialer.collect(
            .key(fixture.identity.publicKey, addresses: [fixture.address]), alpn: .stream)
        #expect(connection.peer == fixture.identity.publicKey)
        #expect(connection.address == fixture.address)
        try await connection.channel.writeAndFlush(ByteBuffer(string: "hello")).get()
        try await eventually("the echo") { connection.value.text == "hello" }
        #expect(fixture.server.counters.accepted == 1)
        #expect(fixture.server.counters.open == 1)
        try await connection.channel.close().get()
        try await eventually("the end") { fixture.server.counters.open == 0 }
        await fixture.stop()
    }

    @Test("No more connections are opened than all dialers together may have, and Raft still has some")
    func outgoing() async throws {
        let fixture = try await Fixture()
        let outgoing = OutgoingConnections(most: 4)
        let target = DialTarget.key(fixture.identity.publicKey, addresses: [fixture.address])
        func dialer() -> Dialer { Dialer(identity: Identity(), group: Fixture.group, countedBy: outgoing) }
        var open: [any Channel] = []
        for _ in 0..<3 { open.append(try await dialer().collect(target, alpn: .stream).channel) }
        let error = await expectMeshError { () async throws(MeshError) in
            try await dialer().collect(target, alpn: .http)
        }
        #expect(error?.description.contains("3 connections to others") == true, "\(String(describing: error))")
        #expect(outgoing.count == 3)
        // Its listener speaks no Raft, so that one is refused only after it had a connection.
        let raft = await expectMeshError { () async throws(MeshError) in
            try await dialer().collect(target, alpn: .raft)
        }
        #expect(raft?.description.contains("connections to others") == false)
        for channel in open { try await channel.close().get() }
        try await eventually("all places to be free") { outgoing.count == 0 }
        open = [try await dialer().collect(target, alpn: .http).channel]
        try await open[0].close().get()
        await fixture.stop()
    }

    @Test("A listener with another key is refused, and the error shows both keys and the flag that trusts")
    func wrongKey() async throws {
        let fixture = try await Fixture()
        let expected = Identity().publicKey
        let dialer = Dialer(identity: Identity(), group: Fixture.group)
        let error = await expectMeshError { () async throws(MeshError) in
            try await dialer.collect(.key(expected, addresses: [fixture.address]), alpn: .http)
        }
        #expect(error?.dialReason == .wrongKey(expected: expected, shown: fixture.identity.publicKey))
        #expect(error?.description.contains("--expect-key \(fixture.identity.publicKey)") == true)
        try await eventually("the refusal") { fixture.server.counters[.handshakeFailed] == 1 }
        await fixture.stop()
    }

    @Test("Dialing whoever is there answers the key that the listener has")
    func anyKey() async throws {
        let fixture = try await Fixture()
        let dialer = Dialer(identity: Identity(), group: Fixture.group)
        let connection = try await dialer.collect(.anyKey(address: fixture.address), alpn: .http)
        #expect(connection.peer == fixture.identity.publicKey)
        try await eventually("the greeting") { connection.value.text == "200" }
        await fixture.stop()
    }

    @Test("A key that is not admitted learns the reason, by a preamble or from the HTTP handler")
    func notAdmitted() async throws {
        let fixture = try await Fixture(admitted: [])
        let identity = Identity()
        let dialer = Dialer(identity: identity, group: Fixture.group)
        let target = DialTarget.key(fixture.identity.publicKey, addresses: [fixture.address])
        let error = await expectMeshError { () async throws(MeshError) in
            try await dialer.collect(target, alpn: .stream)
        }
        let reason = "no manifest names the key \(identity.publicKey.short)"
        #expect(error?.dialReason == .notAdmitted(reason: reason))
        #expect(fixture.server.counters[.notAdmitted] == 1)
        let connection = try await dialer.collect(target, alpn: .http)
        try await eventually("the answer") { connection.value.text == "403 \(reason)" }
        await fixture.stop()
    }

    @Test("A protocol that the listener does not speak is a clear error on the dialer's side")
    func unknownProtocol() async throws {
        let fixture = try await Fixture()
        let dialer = Dialer(identity: Identity(), group: Fixture.group)
        let alpn = ALPN(rawValue: "blixard/evil/1")
        let error = await expectMeshError { () async throws(MeshError) in
            try await dialer.collect(.key(fixture.identity.publicKey, addresses: [fixture.address]), alpn: alpn)
        }
        #expect(error?.dialReason == .protocolNotSpoken(alpn))
        try await eventually("the refusal") { fixture.server.counters[.protocolNotSpoken] == 1 }
        #expect(fixture.server.counters.accepted == 0)
        await fixture.stop()
    }

    @Test("The first good address wins, whatever the others are")
    func severalAddresses() async throws {
        let other = try await Fixture()
        let fixture = try await Fixture()
        let dialer = Dialer(identity: Identity(), group: Fixture.group)
        let addresses = ["nonsense", "127.0.0.1:1", other.address, fixture.address]
        let connection = try await dialer.collect(
            .key(fixture.identity.publicKey, addresses: addresses), alpn: .stream)
        #expect(connection.address == fixture.address)
        await other.stop()
        await fixture.stop()
    }

    @Test("When every address fails, the error tells what each one gave")
    func everyAddressFails() async throws {
        let other = try await Fixture()
        let expected = Identity().publicKey
        let dialer = Dialer(identity: Identity(), group: Fixture.group)
        let error = await expectMeshError { () async throws(MeshError) in
            try await dialer.collect(
                .key(expected, addresses: ["nonsense", "127.0.0.1:1", other.address]), alpn: .stream)
        }
        guard case .dial(expected, .stream, let failures)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(failures.map(\.address) == ["nonsense", "127.0.0.1:1", other.address])
        #expect(failures[1].reason == .unreachable("connection refused"))
        #expect(error?.dialReason == .wrongKey(expected: expected, shown: other.identity.publicKey))
        let none = await expectMeshError { () async throws(MeshError) in
            try await dialer.collect(.key(expected, addresses: []), alpn: .stream)
        }
        #expect(none == .dial(key: expected, alpn: .stream, failures: []))
        await other.stop()
    }

    @Test("A host that accepts and says nothing costs no more than the time given")
    func silentListener() async throws {
        let listener = try await silentListener { _ in }
        let port = listener.localAddress?.port ?? 0
        let dialer = Dialer(identity: Identity(), group: Fixture.group)
        let error = await expectMeshError { () async throws(MeshError) in
            try await dialer.collect(.anyKey(address: "127.0.0.1:\(port)"), alpn: .stream, timeoutMilliseconds: 150)
        }
        #expect(error?.dialReason == .timedOut(afterMilliseconds: 150))
        try await listener.close().get()
    }

    @Test("A silent address does not hold up the next one")
    func staggered() async throws {
        let listener = try await silentListener { _ in }
        let fixture = try await Fixture()
        let dialer = Dialer(identity: Identity(), group: Fixture.group)
        let connection = try await dialer.collect(
            .key(
                fixture.identity.publicKey,
                addresses: ["127.0.0.1:\(listener.localAddress?.port ?? 0)", fixture.address]),
            alpn: .stream)
        #expect(connection.address == fixture.address)
        try await listener.close().get()
        await fixture.stop()
    }

    @Test("A listener that speaks no TLS is told from one that is not there")
    func plainListener() async throws {
        let listener = try await silentListener { channel in
            channel.writeAndFlush(ByteBuffer(string: "HTTP/1.1 400 Bad Request\r\n\r\n"), promise: nil)
        }
        let dialer = Dialer(identity: Identity(), group: Fixture.group)
        let error = await expectMeshError { () async throws(MeshError) in
            try await dialer.collect(.anyKey(address: "127.0.0.1:\(listener.localAddress?.port ?? 0)"), alpn: .stream)
        }
        guard case .handshake? = error?.dialReason else {
            Issue.record("\(String(describing: error))")
            return
        }
        try await listener.close().get()
    }

    @Test("A close that the other side answers is not cut off by a deadline")
    func wholeClose() async throws {
        let alpn = ALPN(rawValue: "blixard/collect/1")
        let fixture = try await Fixture { router in
            router.route(alpn) { connection in
                connection.channel.eventLoop.makeCompletedFuture {
                    try connection.channel.pipeline.syncOperations.addHandler(Collector())
                    return nil
                }
            }
        }
        let dialer = Dialer(identity: Identity(), group: Fixture.group)
        for _ in 0..<10 {
            let connection = try await dialer.collect(
                .key(fixture.identity.publicKey, addresses: [fixture.address]), alpn: alpn)
            try await connection.channel.close().get()
            #expect(connection.value.errors == [])
        }
        await fixture.stop()
    }

    @Test("A name that leads to several addresses is good if one of them is")
    func name() async throws {
        let fixture = try await Fixture()
        let dialer = Dialer(identity: Identity(), group: Fixture.group)
        let connection = try await dialer.collect(
            .key(fixture.identity.publicKey, addresses: ["localhost:\(fixture.port)"]), alpn: .stream)
        try await connection.channel.writeAndFlush(ByteBuffer(string: "by name")).get()
        try await eventually("the echo") { connection.value.text == "by name" }
        let error = await expectMeshError { () async throws(MeshError) in
            try await dialer.collect(.anyKey(address: "no-such-host.invalid:1"), alpn: .stream)
        }
        guard case .unreachable? = error?.dialReason else {
            Issue.record("\(String(describing: error))")
            return
        }
        await fixture.stop()
    }

    @Test("Sockets stay with the process, and are not passed on to programs that it starts")
    func closeOnExec() async throws {
        let fixture = try await Fixture()
        let dialer = Dialer(identity: Identity(), group: Fixture.group)
        let connection = try await dialer.collect(
            .key(fixture.identity.publicKey, addresses: [fixture.address]), alpn: .stream)
        let channel = connection.channel
        let flags = try await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
                fcntl($0, F_GETFD)
            }
        }.get()
        #expect(flags == FD_CLOEXEC)
        await fixture.stop()
    }

    @Test("A cancelled dial ends at once")
    func cancellation() async throws {
        let listener = try await silentListener { _ in }
        let address = "127.0.0.1:\(listener.localAddress?.port ?? 0)"
        let dialer = Dialer(identity: Identity(), group: Fixture.group)
        let dial = Task {
            await expectMeshError { () async throws(MeshError) in
                try await dialer.collect(.anyKey(address: address), alpn: .stream, timeoutMilliseconds: 600_000)
            }
        }
        dial.cancel()
        #expect(await dial.value?.dialReason == .cancelled)
        try await listener.close().get()
    }

    @Test("One direction can end while the other goes on")
    func halfClose() async throws {
        let fixture = try await Fixture()
        let dialer = Dialer(identity: Identity(), group: Fixture.group)
        let connection = try await dialer.collect(
            .key(fixture.identity.publicKey, addresses: [fixture.address]), alpn: .stream)
        try await connection.channel.writeAndFlush(ByteBuffer(string: "last words; ")).get()
        try await connection.channel.close(mode: .output).get()
        try await eventually("the late answer") { connection.value.text == "last words; bye" }
        try await eventually("the end of both") { fixture.server.counters.open == 0 }
        await fixture.stop()
    }

    /// Takes connections and does to them what the test says.
    private func silentListener(
        _ onAccept: @escaping @Sendable (any Channel) -> Void
    ) async throws -> any Channel {
        try await ServerBootstrap(group: Fixture.group)
            .childChannelInitializer { channel in
                channel.eventLoop.execute { onAccept(channel) }
                return channel.eventLoop.makeSucceededVoidFuture()
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }
}
