import Glibc
import NIOCore
import NIOPosix
import NIOSSL

/// What the libraries below report, in words for people.
enum SystemProblem {
    static func text(of error: any Error) -> String {
        switch error {
        case let error as IOError:
            return String(cString: strerror(error.errnoCode)).lowercased()
        case let error as NIOConnectionError:
            if let first = error.connectionErrors.first { return text(of: first.error) }
            return "the name \(error.host) leads to no address"
        case let error as ChannelError:
            if case .connectTimeout(let amount) = error {
                return "no answer within \(amount.nanoseconds / 1_000_000) ms"
            }
            return "\(error)"
        case NIOSSLError.handshakeFailed(let reason): return "\(reason)"
        case NIOSSLError.uncleanShutdown: return "cut off without a goodbye"
        default: return "\(error)"
        }
    }
}
