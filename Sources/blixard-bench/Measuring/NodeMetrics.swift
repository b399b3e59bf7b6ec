import Contract
import Glibc

/// The figures of a node's `/metrics`.
struct NodeMetrics {
    private let values: [String: Double]

    /// Asks the plain port of a node on the loopback interface. Blocks.
    static func read(port: Int) throws -> NodeMetrics {
        let text = try PlainRequest.get(PlainPath.metrics.rawValue, port: port)
        var values: [String: Double] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            if words.count == 2, let value = Double(words[1]) { values[String(words[0])] = value }
        }
        return NodeMetrics(values: values)
    }

    /// - Parameter name: Without `blixard_`.
    subscript(name: String) -> Double {
        get throws {
            guard let value = values["blixard_" + name] else {
                throw BenchmarkFailure("/metrics has no blixard_\(name)")
            }
            return value
        }
    }
}

/// One HTTP request without anything between: a client library of its own would be part of what is measured.
enum PlainRequest {
    /// The body of the answer.
    static func get(_ path: String, port: Int) throws -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failure(path, port) }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        guard LoopbackPorts.call(Glibc.connect, descriptor, port: port) == 0 else { throw failure(path, port) }
        let request = Array("GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
        guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            throw failure(path, port)
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(path, port) }
            if count == 0 { break }
            answer += buffer[..<count]
        }
        let text = String(decoding: answer, as: UTF8.self)
        guard text.hasPrefix("HTTP/1.1 200"), let body = text.split(separator: "\r\n\r\n", maxSplits: 1).last else {
            throw BenchmarkFailure("GET \(path) at port \(port): \(text.prefix(80))")
        }
        return String(body)
    }

    private static func failure(_ path: String, _ port: Int) -> BenchmarkFailure {
        BenchmarkFailure("GET \(path) at port \(port): \(String(cString: strerror(errno)))")
    }
}
