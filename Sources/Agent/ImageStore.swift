import AsyncHTTPClient
import Crypto
import Glibc
import Host
import Manifest
import NIOCore
import NIOHTTP1
import NIOPosix
import Primitives
import Reconcile
import Replica

/// Keeps the images that machines of this node need, each once, under the digest of its content.
///
/// What lies in the directory under a digest's name was checked against it before it got that name.
final class ImageStore: Sendable {
    private let directory: String
    private let group: any EventLoopGroup
    private let pool = BlockingPool(named: "images", threads: 2)
    /// The longest that a source may take to begin its answer, and to send all of it.
    private static let connectSeconds: Int64 = 15
    private static let fetchSeconds: Int64 = 3600

    init(directory: String, group: any EventLoopGroup) {
        self.directory = directory
        self.group = group
    }

    /// Answers `held` or `failed`; safe to repeat, and to interrupt at any moment.
    func ensure(_ order: ImageOrder) async -> ImageShelf.Holding {
        let path = "\(directory)/\(order.spec.digestHex).\(order.spec.format.rawValue)"
        let format = ImageShelf.Format(rawValue: order.spec.format.rawValue) ?? .raw
        if access(path, R_OK) == 0 { return .held(path: path, format: format) }
        let partial = "\(path).\(UInt64.random(in: .min ... .max)).partial"
        defer { unlink(partial) }
        do {
            let digest =
                order.spec.source.hasPrefix("/")
                ? try await copy(order.spec.source, to: partial) : try await fetch(order.spec.source, to: partial)
            guard digest == order.spec.digestHex else {
                return .failed(
                    message: "\(order.spec.source) has the digest sha256:\(digest), "
                        + "the Image says sha256:\(order.spec.digestHex)")
            }
            try await pool.run { () throws(AgentError) in try Self.publish(partial, as: path) }
            return .held(path: path, format: format)
        } catch {
            return .failed(message: "\(order.spec.source): \(error)")
        }
    }

    private func copy(_ source: String, to path: String) async throws -> String {
        try await pool.run { () throws(AgentError) in
            let input = open(source, O_RDONLY | O_CLOEXEC)
            guard input >= 0 else { throw .system("open it") }
            defer { close(input) }
            let output = try Self.create(path)
            defer { close(output) }
            var hash = SHA256()
            var buffer = [UInt8](repeating: 0, count: 1 << 20)
            while true {
                let count = read(input, &buffer, buffer.count)
                if count < 0 && errno == EINTR { continue }
                guard count >= 0 else { throw .system("read it") }
                if count == 0 { break }
                hash.update(data: buffer[..<count])
                try Self.writeAll(buffer[..<count], to: output)
            }
            return Hex.encode(hash.finalize())
        }
    }

    private func fetch(_ url: String, to path: String) async throws -> String {
        let client = HTTPClient(eventLoopGroupProvider: .shared(group))
        do {
            let digest = try await fetch(url, to: path, with: client)
            try await client.shutdown()
            return digest
        } catch {
            try await client.shutdown()
            throw error
        }
    }

    private func fetch(_ url: String, to path: String, with client: HTTPClient) async throws -> String {
        let response = try await client.execute(
            HTTPClientRequest(url: url), deadline: .now() + .seconds(Self.fetchSeconds))
        guard response.status == .ok else { throw AgentError("the source answered \(response.status)") }
        let output = try await pool.run { () throws(AgentError) in try Self.create(path) }
        defer { close(output) }
        var hash = SHA256()
        for try await chunk in response.body {
            let bytes = Array(chunk.readableBytesView)
            hash.update(data: bytes)
            try await pool.run { () throws(AgentError) in try Self.writeAll(bytes[...], to: output) }
        }
        return Hex.encode(hash.finalize())
    }

    private static func create(_ path: String) throws(AgentError) -> Int32 {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .system("create \(path)") }
        return descriptor
    }

    private static func writeAll(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) throws(AgentError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw .system("write it") }
            rest = rest.dropFirst(count)
        }
    }

    /// The content is durable before it gets the name that says that it was checked.
    private static func publish(_ partial: String, as path: String) throws(AgentError) {
        let descriptor = open(partial, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("open \(partial)") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .system("sync \(partial)") }
        guard rename(partial, path) == 0 else { throw .system("rename \(partial)") }
    }
}

extension AgentError {
    static func system(_ action: String) -> AgentError {
        AgentError("can't \(action): \(String(cString: strerror(errno)))")
    }
}
