import NIOCore
import NIOPosix
import Testing

@testable import Mesh

@Suite("What the TLS library reports")
struct TLSProblemTests {
    private static func report(_ word: String) -> String {
        "sslError([Error: 268435703 error:100000f7:SSL routines:OPENSSL_internal:\(word) at "
            + "/build/checkouts/swift-nio-ssl/Sources/CNIOBoringSSL/ssl/tls_record.cc:231])"
    }

    @Test("What the TLS library reports is said in words for people, without its places in a source")
    func words() {
        #expect(TLSProblem(Self.report("WRONG_VERSION_NUMBER")).text.hasPrefix("what answers there does not speak TLS"))
        #expect(TLSProblem(Self.report("TLSV1_ALERT_PROTOCOL_VERSION")).text.contains("TLS 1.3"))
        #expect(TLSProblem(Self.report("CERTIFICATE_VERIFY_FAILED")).text.contains("no Ed25519 key"))
        #expect(
            TLSProblem(Self.report("SSLV3_ALERT_HANDSHAKE_FAILURE")).text
                == "what answers there speaks TLS, but not as nodes do, so it is no node's mesh port")
        #expect(
            TLSProblem(Self.report("SSLV3_ALERT_BAD_CERTIFICATE")).text
                == "the TLS library reports \"sslv3 alert bad certificate\"")
        #expect(TLSProblem("plain\nand more").text == "plain")
    }

    @Test("What speaks no TLS is told apart from a node, with nothing of the library's own text")
    func plainService() async throws {
        let listener = try await ServerBootstrap(group: Fixture.group)
            .childChannelInitializer { $0.pipeline.addHandler(PlainAnswer()) }
            .bind(host: "127.0.0.1", port: 0).get()
        let address = "127.0.0.1:\(listener.localAddress?.port ?? 0)"
        let dialer = Dialer(identity: Identity(), group: Fixture.group)
        let error = await #expect(throws: MeshError.self) {
            try await dialer.collect(.anyKey(address: address), alpn: .http)
        }
        let text = error?.description ?? ""
        #expect(text.contains("does not speak TLS, so it is no node's mesh port"), "\(text)")
        #expect(!text.contains("OPENSSL") && !text.contains(".cc"), "\(text)")
        try await listener.close().get()
    }

    /// Answers whatever it hears as a server of plain HTTP does.
    private final class PlainAnswer: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let answer = ByteBuffer(string: "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
            context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
        }
    }
}
