import Logging
import NIOCore
import Primitives
import Synchronization

@testable import Mesh

/// A listener whose streams are served by a closure, and a client of it.
struct StreamFixture {
    let server: StreamServer
    let listener: Fixture
    let client: StreamClient
    let clientIdentity: Identity
    let settings: StreamSettings

    /// Deadlines that no test waits for, unless it sets its own.
    static let settings = StreamSettings(
        dialMilliseconds: 60_000, headerMilliseconds: 60_000, stallMilliseconds: 60_000, progressBytes: 1024,
        lingerMilliseconds: 500, windowBytes: 256 << 10, bufferBytes: 128 << 10, streamsPerKey: 8, streams: 16)

    init(
        settings: StreamSettings = Self.settings, admitted: Set<PublicKey>? = nil,
        serve: @escaping @Sendable (StreamRequest) async throws -> Void
    ) async throws {
        self.settings = settings
        server = StreamServer(
            handlers: ["test": ClosureHandler(body: serve)], settings: settings,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        listener = try await Fixture(admitted: admitted, streams: server)
        clientIdentity = Identity()
        client = StreamClient(dialer: Dialer(identity: clientIdentity, group: Fixture.group), settings: settings)
    }

    var target: DialTarget { .key(listener.identity.publicKey, addresses: [listener.address]) }

    /// Opens a stream of the served kind.
    func open<Value: Sendable>(
        sending extent: StreamExtent = .nothing, holding prefix: HeldPrefix = .none, kind: String = "test",
        silenceMilliseconds: Int64? = nil, _ body: (ByteStream) async throws -> Value
    ) async throws -> Value {
        try await client.withStream(
            to: target, kind: kind, parameters: [], sending: extent, holding: prefix,
            silenceMilliseconds: silenceMilliseconds, body)
    }

    /// Sends all bytes, from where the other side wants them on.
    func push(_ bytes: [UInt8]) async throws -> String {
        try await open(sending: .all(of: bytes)) { stream in
            try await stream.write(bytes[Int(stream.resume)...])
            try await stream.finish()
            return String(decoding: try await stream.readAll(limit: 1000), as: UTF8.self)
        }
    }

    func stop() async {
        await listener.stop()
    }

    private struct ClosureHandler: StreamHandler {
        let body: @Sendable (StreamRequest) async throws -> Void

        func serve(_ request: StreamRequest) async {
            // A failure of the stream is what the tests look at from the other side.
            try? await body(request)
        }
    }
}

extension StreamExtent {
    static func all(of bytes: [UInt8]) -> StreamExtent {
        .exactly(bytes: UInt64(bytes.count), checksum: CRC32C.checksum(bytes))
    }
}

/// Values that several tasks put together.
final class Shared<Value: Sendable>: Sendable {
    private let box: Mutex<Value>

    init(_ value: Value) {
        box = Mutex(value)
    }

    var value: Value { box.withLock { $0 } }

    func change<Result: Sendable>(_ body: @Sendable (inout Value) -> Result) -> Result {
        box.withLock { value in
            // A copy, because what the lock gives is not known to stay within it.
            var copy = value
            let result = body(&copy)
            value = copy
            return result
        }
    }
}

/// Bytes that differ from place to place.
func pattern(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 ^ ($0 >> 8) ^ ($0 >> 16)) }
}

func streamFailure(_ body: () async throws -> some Sendable) async -> StreamFailure? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? StreamFailure
    }
}
