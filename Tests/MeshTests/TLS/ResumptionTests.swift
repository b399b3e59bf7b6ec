import Mesh
import NIOCore
import Primitives
import Synchronization
import TestFiles
import Testing

/// A resumed TLS session skips the verification callback: nothing may hang on that.
@Suite(.enabled(if: OpenSSL.isPresent)) struct ResumptionTests {
    @Test("A session ticket does not outlive admission, and not at all a change of the admitted set")
    func revokedTicket() async throws {
        let directory = TemporaryDirectory(named: "mesh")
        let identity = Identity()
        let fixture = try await Fixture(admitted: [identity.publicKey])
        let certificate = directory.write("me.crt", identity.certificatePEM)
        let key = directory.write("me.key", identity.privateKeyPEM)
        let session = directory.path + "/session"
        let common = [
            "s_client", "-connect", fixture.address, "-alpn", ALPN.stream.rawValue, "-tls1_3", "-no_ign_eof",
        ]
        let first = try OpenSSL.run(
            common + ["-cert", certificate, "-key", key, "-sess_out", session], input: "echo this\n", until: "echo this"
        )
        #expect(first.contains("echo this"))
        #expect(fixture.server.counters.accepted == 1)

        let resumed = try OpenSSL.run(common + ["-sess_in", session], input: "echo that\n", until: "echo that")
        #expect(resumed.contains("Reused, TLSv1.3"), "the listener has stopped to issue tickets: \(resumed)")
        #expect(fixture.server.counters.accepted == 2)

        fixture.admitted.withLock { $0 = [] }
        let revoked = try OpenSSL.run(common + ["-sess_in", session], input: "", until: "no manifest names")
        #expect(revoked.contains("no manifest names the key \(identity.publicKey.short)"))
        #expect(fixture.server.counters[.notAdmitted] == 1)
        #expect(fixture.server.counters.accepted == 2)

        fixture.admitted.withLock { $0 = nil }
        fixture.server.recheckAdmissions()
        let stale = try OpenSSL.run(common + ["-sess_in", session], input: "echo it\n", until: "echo it")
        #expect(!stale.contains("Reused"))
        #expect(fixture.server.counters.accepted == 2)
        #expect(fixture.server.counters[.handshakeFailed] == 1)
        await fixture.stop()
    }
}
