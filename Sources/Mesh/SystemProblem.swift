import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import Primitives

/// What the libraries below report, in words for people.
enum SystemProblem {
    static func text(of error: any Error) -> String {
        switch error {
        case let error as IOError:
            return String(cString: strerror(error.errnoCode)).lowercased()
        case let error as NIOConnectionError:
            if let first = error.connectionErrors.first { return text(of: first.error) }
            return "the name \(error.host.harmless(limit: 300)) leads to no address"
        case let error as ChannelError: return text(of: error)
        case NIOSSLError.handshakeFailed(let reason): return TLSProblem("\(reason)").text
        case let error as OutgoingConnections.Exhausted: return error.description
        case NIOSSLError.uncleanShutdown: return "cut off without a goodbye"
        default: return TLSProblem("\(error)").text
        }
    }

    private static func text(of error: ChannelError) -> String {
        switch error {
        case .connectTimeout(let amount): "no answer within \(amount.nanoseconds / 1_000_000) ms"
        case .ioOnClosedChannel, .alreadyClosed, .inputClosed, .outputClosed, .eof: "the connection was closed"
        default: "\(error)"
        }
    }
}

/// What the TLS library says of a failure, in words for people: its own text names its source files.
struct TLSProblem {
    let text: String

    /// - Parameter report: Such as `Error: 268435703 error:100000f7:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER
    ///   at /.../tls_record.cc:231`.
    init(_ report: String) {
        guard let word = Self.word(in: report) else {
            text = String(report.prefix { $0 != "\n" }).harmless(limit: 300)
            return
        }
        switch word {
        case "WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST", "UNEXPECTED_RECORD", "DECODE_ERROR":
            text =
                "what answers there does not speak TLS, so it is no node's mesh port (a node's bootstrap port, "
                + "which speaks plain HTTP, lies 1000 above that)"
        case "UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION":
            text = "what answers there does not speak TLS 1.3, so it is no node's mesh port"
        case "CERTIFICATE_VERIFY_FAILED":
            text = "what answers there shows no Ed25519 key, so it is no node's mesh port"
        case "SSLV3_ALERT_HANDSHAKE_FAILURE", "HANDSHAKE_FAILURE_ON_CLIENT_HELLO":
            text = "what answers there speaks TLS, but not as nodes do, so it is no node's mesh port"
        case "TLSV1_ALERT_NO_APPLICATION_PROTOCOL", "NO_APPLICATION_PROTOCOL":
            text = "what answers there speaks TLS, but not the mesh's protocols"
        default:
            text = "the TLS library reports \"\(word.lowercased().replacing("_", with: " "))\""
        }
    }

    /// The reason's name, behind the last colon before the place in the source.
    private static func word(in report: String) -> Substring? {
        let mark = "OPENSSL_internal:"
        guard let found = report.firstRange(of: mark) else { return nil }
        let word = report[found.upperBound...].prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        return word.isEmpty ? nil : word
    }
}
