import Logging
import Mesh
import NIOCore
import NIOPosix
import NIOSSL
import Primitives
import Synchronization
import Testing

/// What a listener does with those who don't behave. Each test ends by showing that a good client still gets in.
@Suite struct ListenerTests {
    @Test("Plain text is closed and counted")
    func plainText() async throws {
        let fixture = try await Fixture()
        let (channel, collector) = try await rawConnection(port: fixture.port)
        try await channel.writeAndFlush(ByteBuffer(string: "GET / HTTP/1.1\r\nHost: x\r\n\r\n")).get()
        try await eventually("the end") { collector.isClosed }
        #expect(fixture.server.counters[.handshakeFailed] == 1)
        try await expectService(fixture)
    }

    @Test("Silence is closed by the deadline and counted")
    func silence() async throws {
        var limits = Fixture.limits
        limits.handshakeMilliseconds = 50
        let fixture = try await Fixture(limits: limits)
        let (_, collector) = try await rawConnection(port: fixture.port)
        try await eventually("the end") { collector.isClosed }
        #expect(fixture.server.counters[.handshakeTimedOut] == 1)
        #expect(fixture.server.counters.handshaking == 0)
        await fixture.stop()
    }

    @Test("A client that goes away in the handshake is counted")
    func goesAway() async throws {
        let fixture = try await Fixture()
        let (channel, _) = try await rawConnection(port: fixture.port)
        try await channel.close().get()
        try await eventually("the count") { fixture.server.counters[.handshakeFailed] == 1 }
        try await expectService(fixture)
    }

    @Test("TLS 1.2, no certificate, no protocol, a key that is not Ed25519: none gets in", arguments: Manners.allCases)
    func wrongManners(_ manners: Manners) async throws {
        let fixture = try await Fixture()
        let collector = try await connect(to: fixture.port, manners: manners)
        try await eventually("the end") { collector.isClosed }
        try await eventually("the count") { fixture.server.counters[manners.refusal] == 1 }
        #expect(fixture.server.counters.accepted == 0)
        try await expectService(fixture)
    }

    @Test("A flood of silent connections pushes out the oldest of them, never a good one")
    func flood() async throws {
        var limits = Fixture.limits
        limits.handshakesPerAddress = 4
        let fixture = try await Fixture(limits: limits)
        var silent: [Collector] = []
        for _ in 0..<12 { silent.append(try await rawConnection(port: fixture.port).collector) }
        try await eventually("eight pushed out") { fixture.server.counters[.handshakePushedOut] == 8 }
        #expect(fixture.server.counters.handshaking == 4)
        try await expectService(fixture)
        withExtendedLifetime(silent) {}
    }

    @Test("Whoever is no longer admitted loses the connection, and the others keep theirs")
    func recheck() async throws {
        let (leaving, staying) = (Identity(), Identity())
        let fixture = try await Fixture(admitted: [leaving.publicKey, staying.publicKey])
        let target = DialTarget.key(fixture.identity.publicKey, addresses: [fixture.address])
        let lost = try await Dialer(identity: leaving, group: Fixture.group).collect(target, alpn: .stream)
        let kept = try await Dialer(identity: staying, group: Fixture.group).collect(target, alpn: .stream)
        fixture.admitted.withLock { _ = $0?.remove(leaving.publicKey) }
        fixture.server.recheckAdmissions()
        try await eventually("the leaving one is closed") { lost.value.isClosed }
        try await kept.channel.writeAndFlush(ByteBuffer(string: "still here")).get()
        try await eventually("the echo") { kept.value.text == "still here" }
        await fixture.stop()
    }

    @Test("A task of a connection runs until it returns, and then the connection is closed")
    func connectionTask() async throws {
        let alpn = ALPN(rawValue: "blixard/task/1")
        let fixture = try await Fixture { router in
            router.route(alpn) { connection in
                connection.channel.eventLoop.makeCompletedFuture {
                    let wrapped = try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: connection.channel)
                    return {
                        do {
                            try await wrapped.executeThenClose { inbound, outbound in
                                for try await buffer in inbound {
                                    try await outbound.write(buffer)
                                    return
                                }
                            }
                        } catch { Issue.record(error) }
                    }
                }
            }
        }
        let dialer = Dialer(identity: Identity(), group: Fixture.group)
        let connection = try await dialer.collect(
            .key(fixture.identity.publicKey, addresses: [fixture.address]), alpn: alpn)
        try await connection.channel.writeAndFlush(ByteBuffer(string: "once")).get()
        try await eventually("the echo and the end") { connection.value.text == "once" && connection.value.isClosed }
        await fixture.stop()
    }

    @Test("A shutdown gives open connections their time, and then ends them")
    func shutdown() async throws {
        let fixture = try await Fixture()
        let target = DialTarget.key(fixture.identity.publicKey, addresses: [fixture.address])
        let dialer = Dialer(identity: Identity(), group: Fixture.group)
        let connection = try await dialer.collect(target, alpn: .stream)
        await fixture.server.shutdown(graceMilliseconds: 20)
        try await eventually("the end") { connection.value.isClosed }
        let error = await expectMeshError { () async throws(MeshError) in
            try await dialer.collect(target, alpn: .stream)
        }
        #expect(error?.dialReason == .unreachable("connection refused"))
        await fixture.stop()
    }

    @Test("A shutdown ends with the last open connection")
    func shutdownWithoutConnections() async throws {
        let fixture = try await Fixture()
        let target = DialTarget.key(fixture.identity.publicKey, addresses: [fixture.address])
        let connection = try await Dialer(identity: Identity(), group: Fixture.group).collect(target, alpn: .stream)
        async let isDown: Void = fixture.server.shutdown(graceMilliseconds: 3_600_000)
        try await connection.channel.close().get()
        await isDown
        await fixture.stop()
    }

    @Test("A port that is taken is a clear error")
    func takenPort() async throws {
        let fixture = try await Fixture()
        do {
            _ = try await Fixture(port: fixture.port)
            Issue.record("two listeners on one port")
        } catch let error as MeshError {
            #expect(error == .bind(address: fixture.address, problem: "address already in use"))
        }
        await fixture.stop()
    }

    private func expectService(_ fixture: Fixture) async throws {
        let dialer = Dialer(identity: Identity(), group: Fixture.group)
        let connection = try await dialer.collect(
            .key(fixture.identity.publicKey, addresses: [fixture.address]), alpn: .stream)
        try await connection.channel.writeAndFlush(ByteBuffer(string: "ping")).get()
        try await eventually("service as usual") { connection.value.text == "ping" }
        await fixture.stop()
    }

    enum Manners: CaseIterable {
        case oldVersion, noCertificate, noProtocol, unknownProtocol, wrongKindOfKey

        var refusal: Refusal {
            switch self {
            case .noProtocol, .unknownProtocol: .protocolNotSpoken
            default: .handshakeFailed
            }
        }
    }

    private func connect(to port: Int, manners: Manners) async throws -> Collector {
        let identity = Identity()
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .noHostnameVerification
        configuration.verifySignatureAlgorithms = [.ed25519]
        configuration.signingSignatureAlgorithms = [.ed25519]
        configuration.applicationProtocols = [ALPN.stream.rawValue]
        configuration.certificateChain = [
            .certificate(try NIOSSLCertificate(bytes: identity.certificate, format: .der))
        ]
        configuration.privateKey = .privateKey(
            try NIOSSLPrivateKey(bytes: Array(identity.privateKeyPEM.utf8), format: .pem))
        switch manners {
        case .oldVersion: configuration.maximumTLSVersion = .tlsv12
        case .noCertificate:
            configuration.certificateChain = []
            configuration.privateKey = nil
        case .noProtocol: configuration.applicationProtocols = []
        case .unknownProtocol: configuration.applicationProtocols = ["h2", "blixard/raft/9"]
        case .wrongKindOfKey:
            configuration.signingSignatureAlgorithms = nil
            configuration.certificateChain = [
                .certificate(try NIOSSLCertificate(bytes: Array(OtherKind.certificate.utf8), format: .pem))
            ]
            configuration.privateKey = .privateKey(
                try NIOSSLPrivateKey(bytes: Array(OtherKind.key.utf8), format: .pem))
        }
        let context = try NIOSSLContext(configuration: configuration)
        let collector = Collector()
        let channel = try await ClientBootstrap(group: Fixture.group).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                let tls = try NIOSSLClientHandler(
                    context: context, serverHostname: nil,
                    customVerificationCallback: { _, verdict in verdict.succeed(.certificateVerified) })
                try channel.pipeline.syncOperations.addHandlers([tls, collector])
            }
        }.connect(host: "127.0.0.1", port: port).get()
        // A client that reads and writes as soon as it believes in the connection.
        channel.writeAndFlush(ByteBuffer(string: "let me in"), promise: nil)
        return collector
    }
}
