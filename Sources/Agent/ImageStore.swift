import AsyncHTTPClient
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
    /// The file system that images share with others.
    struct Room: Sendable {
        let directory: String
        /// What images leave free.
        let keptBytes: Int64
        /// What is free now.
        let freeBytes: @Sendable (String) throws(HostError) -> Int64

        func check(forBytes bytes: Int64) throws(AgentError) {
            let free: Int64
            do throws(HostError) {
                free = try freeBytes(directory)
            } catch {
                throw AgentError("\(error)")
            }
            guard bytes <= free - keptBytes else {
                throw AgentError(
                    "there is no room for it: \(directory) has \(free) bytes free, of which \(keptBytes) are kept "
                        + "for the node's log; free some space there")
            }
        }
    }

    private let room: Room
    private let group: any EventLoopGroup
    private let pool = BlockingPool(named: "images", threads: 2)
    /// The longest that all of a source may take.
    private static let fetchSeconds: Int64 = 3600

    /// - Parameter group: Carries what is fetched; nothing urgent lives on it.
    init(room: Room, group: any EventLoopGroup) {
        self.room = room
        self.group = group
    }

    /// Removes what an earlier run of this node has left half done; before anything is asked for.
    func prune() async throws(AgentError) {
        try await pool.run { [directory = room.directory] () throws(AgentError) in
            do throws(DiskError) {
                let disk = FileSystemDisk()
                for name in try disk.list(directory) where name.hasSuffix(ImageSink.suffix) {
                    try disk.remove("\(directory)/\(name)")
                }
            } catch {
                throw AgentError("what is left of an image can't be removed: \(error)")
            }
        }
    }

    /// Answers `held` or `failed`; safe to repeat, and to interrupt at any moment.
    func ensure(_ order: ImageOrder) async -> ImageShelf.Holding {
        let path = "\(room.directory)/\(order.spec.digestHex).\(order.spec.format.rawValue)"
        let format = ImageShelf.Format(rawValue: order.spec.format.rawValue) ?? .raw
        if await pool.run({ () throws(Never) in access(path, R_OK) == 0 }) { return .held(path: path, format: format) }
        let partial = "\(path).\(UInt64.random(in: .min ... .max))\(ImageSink.suffix)"
        let failure: (any Error)?
        do {
            if order.spec.source.hasPrefix("/") {
                try await copy(order.spec, to: partial, as: path)
            } else {
                try await fetch(order.spec, to: partial, as: path)
            }
            failure = nil
        } catch {
            failure = error
        }
        guard let failure else { return .held(path: path, format: format) }
        // Giving back gigabytes takes the file system a while.
        await pool.run { () throws(Never) in _ = unlink(partial) }
        return .failed(message: "\(order.spec.source): \(failure)")
    }

    private func copy(_ spec: ImageSpec, to partial: String, as path: String) async throws {
        try await pool.run { [room] () throws(AgentError) in
            let input = open(spec.source, O_RDONLY | O_CLOEXEC)
            guard input >= 0 else { throw .system("open it") }
            defer { close(input) }
            var status = stat()
            guard fstat(input, &status) == 0 else { throw .system("look at it") }
            let sink = try ImageSink(partial, room: room, announced: Int64(status.st_size))
            var buffer = [UInt8](repeating: 0, count: 1 << 20)
            while true {
                let count = read(input, &buffer, buffer.count)
                if count < 0 && errno == EINTR { continue }
                guard count >= 0 else { throw .system("read it") }
                if count == 0 { break }
                try sink.write(buffer[..<count])
            }
            try sink.publish(as: path, digestHex: spec.digestHex)
        }
    }

    private func fetch(_ spec: ImageSpec, to partial: String, as path: String) async throws {
        let client = HTTPClient(eventLoopGroupProvider: .shared(group))
        do {
            try await fetch(spec, to: partial, as: path, with: client)
            try await client.shutdown()
        } catch {
            try await client.shutdown()
            throw error
        }
    }

    private func fetch(_ spec: ImageSpec, to partial: String, as path: String, with client: HTTPClient) async throws {
        let response = try await client.execute(
            HTTPClientRequest(url: spec.source), deadline: .now() + .seconds(Self.fetchSeconds))
        guard response.status == .ok else { throw AgentError("the source answered \(response.status)") }
        let announced = response.headers.first(name: "content-length").flatMap { Int64($0) }
        let sink = try await pool.run { [room] () throws(AgentError) in
            try ImageSink(partial, room: room, announced: announced)
        }
        for try await chunk in response.body {
            let bytes = Array(chunk.readableBytesView)
            try await pool.run { () throws(AgentError) in try sink.write(bytes[...]) }
        }
        try await pool.run { () throws(AgentError) in try sink.publish(as: path, digestHex: spec.digestHex) }
    }
}

extension AgentError {
    static func system(_ action: String) -> AgentError {
        AgentError("can't \(action): \(String(cString: strerror(errno)))")
    }
}
