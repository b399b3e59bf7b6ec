import Contract
import Glibc
import JSONText
import Manifest
import Primitives
import Synchronization
import TestFiles

@testable import Commands

/// Runs command lines in a world of the test's making.
struct Bench {
    var connection: FakeConnection
    var environment: [String: String]
    var input: [UInt8] = []
    var web = FakeWeb()
    var outputIsWatched = false
    var errorsAreWatched = false
    /// Why nothing can be written to standard output, if so.
    var outputFailure: OutputClosed?
    var access: FakeAccess
    var nodes: FakeNodes
    var processes: FakeProcesses
    var interruptCount: @Sendable () -> Int = { 0 }
    var isHungUp: @Sendable () -> Bool = { false }
    var clock = FakeClock()
    let directory = TemporaryDirectory(named: "commands")

    init(_ connection: FakeConnection = FakeConnection { _ in .object([:]) }) {
        self.connection = connection
        access = FakeAccess(connection)
        nodes = FakeNodes()
        processes = FakeProcesses()
        environment = ["BLIXARD_NODE_ADDR": "127.0.0.1:7001", "BLIXARD_IDENTITY": "/nowhere/key"]
    }

    struct Result: Equatable {
        var code: Int32
        var output: String
        var errors: String
        /// The same as `output`, byte for byte.
        var outputBytes: [UInt8] = []

        static func == (left: Result, right: Result) -> Bool {
            (left.code, left.output, left.errors) == (right.code, right.output, right.errors)
        }
    }

    func run(_ arguments: String...) async -> Result { await run(arguments) }

    func run(_ arguments: [String]) async -> Result {
        let output = TextRecorder(failure: outputFailure)
        let errors = TextRecorder(failure: nil)
        let input = input
        let web = web
        let numbers = Mutex(UInt8(0))
        let world = World(
            arguments: arguments, environment: environment, output: output, outputIsWatched: outputIsWatched,
            errors: errors, errorsAreWatched: errorsAreWatched,
            readInput: { () throws(FileFailure) -> [UInt8] in input },
            fetch: { (url, limit) async throws(FileFailure) in try web.read(url, limit: limit) }, clock: clock,
            randomBytes: { count in
                let number = numbers.withLock { value in
                    value += 1
                    return value
                }
                return Array(repeating: number, count: count)
            },
            access: access, nodes: nodes, processes: processes, interruptCount: interruptCount,
            isHungUp: isHungUp)
        let code = await Program.run(in: world)
        return Result(code: code, output: output.text, errors: errors.text, outputBytes: output.bytes)
    }

    /// Writes a file into the test's own directory and answers its path.
    func file(_ name: String, _ text: String) -> String { directory.write(name, text) }
}

final class TextRecorder: TextSink {
    private let recorded = Mutex<[UInt8]>([])
    private let failure: OutputClosed?

    init(failure: OutputClosed?) {
        self.failure = failure
    }

    var bytes: [UInt8] { recorded.withLock { $0 } }
    var text: String { String(decoding: bytes, as: UTF8.self) }

    func write(exactly text: String) throws(OutputClosed) { try write(bytes: Array(text.utf8)) }

    func write(bytes: [UInt8]) throws(OutputClosed) {
        if let failure { throw failure }
        recorded.withLock { $0 += bytes }
    }
}

/// What URLs lead to.
struct FakeWeb {
    var pages: [String: String] = [:]

    func read(_ url: FetchURL, limit: Int) throws(FileFailure) -> [UInt8] {
        guard let page = pages[url.text] else { throw FileFailure(path: url.text, problem: "it answered 404") }
        guard page.utf8.count <= limit else { throw FileFailure(path: url.text, problem: "it is too large") }
        return Array(page.utf8)
    }
}

/// Sleeping moves its time, so that nothing waits.
final class FakeClock: CommandClock {
    private let state = Mutex(Instant.zero)
    /// Its time does not pass: a sleep ends only by cancellation.
    private let stands: Bool

    init(stands: Bool = false) {
        self.stands = stands
    }

    var now: Instant { state.withLock { $0 } }
    var wallTime: WallTime { WallTime(milliseconds: 1_800_000_000_000 + now.milliseconds) }

    func sleep(milliseconds: Int64) async throws {
        try Task.checkCancellation()
        if stands { try await Task.sleep(for: .seconds(3600)) }
        state.withLock { $0 = $0 + milliseconds }
        await Task.yield()
    }
}

final class FakeAccess: ClusterAccess {
    static let key = PublicKey(Array(repeating: 0xaa, count: 32))!

    private let connection: FakeConnection
    private let made = Mutex<[ConnectionRequest]>([])

    init(_ connection: FakeConnection) {
        self.connection = connection
    }

    var requests: [ConnectionRequest] { made.withLock { $0 } }

    func connect(_ request: ConnectionRequest) throws(ClientFailure) -> any ClusterConnection {
        made.withLock { $0.append(request) }
        return connection
    }

    func identity(at path: String, create: Bool) throws(FileFailure) -> PublicKey { Self.key }
}
