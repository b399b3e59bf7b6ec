import Glibc
import Host
import Hypervisor
import Primitives
import TestFiles
import Testing

@testable import QEMU

/// What tests with real QEMU need, and why they can't run where it is missing.
enum RealQEMU {
    static let isInstalled = ["qemu-system-x86_64", "qemu-img"].allSatisfy { access("/usr/bin/\($0)", X_OK) == 0 }

    /// Without QEMU the tests are skipped, except where all must run.
    static let mayRun = isInstalled || getenv("CI") != nil
    static let reason: Comment = "QEMU is not installed: \(Comment(rawValue: Installation.howToGet))"
}

/// A driver in a directory of its own. `finish` ends what a test left running.
final class Bench: Sendable {
    private let home: TemporaryDirectory
    let driver: QEMUDriver
    private let configuration: QEMUDriver.Configuration

    init(name: String = "bench") {
        home = TemporaryDirectory(named: "qemu-\(name)")
        let root = home.path
        configuration = QEMUDriver.Configuration(
            machinesDirectory: root + "/machines", cacheDirectory: root + "/cache",
            systemEmulator: "qemu-system-x86_64", imageTool: "qemu-img", accelerator: .tcg, simultaneousStarts: 2)
        driver = QEMUDriver(configuration)
    }

    /// The directory of all of its files, which goes with the bench.
    var root: String { home.path }

    /// Another driver for the same machines, as a restarted program has it.
    func successor() async -> QEMUDriver {
        await driver.close()
        return QEMUDriver(configuration)
    }

    func directory(_ spec: MachineSpec) -> MachineDirectory {
        MachineDirectory(root: root + "/machines", uid: spec.uid)
    }

    /// Looks until the machine is as wanted; the test's time limit ends a look that never succeeds.
    func wait(
        _ spec: MachineSpec, with driver: QEMUDriver? = nil, until wanted: (MachineState) -> Bool
    ) async throws -> MachineObservation {
        while true {
            let seen = await (driver ?? self.driver).observe(spec.uid)
            if wanted(seen.state) { return seen }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Reads the serial log until it holds the text.
    func waitForConsole(_ spec: MachineSpec, _ text: String) async throws {
        while true {
            let chunk = try await driver.consoleLog(spec.uid, offset: 0, limit: 1 << 16)
            if String(decoding: chunk.bytes, as: UTF8.self).contains(text) { return }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Types into the serial console. QEMU forgets what the guest has not read when the other end closes, so the
    /// connection stays open until `isDone`.
    func type(_ text: String, to spec: MachineSpec, _ isDone: () async throws -> Void) async throws {
        let socket = try #require(
            try ControlSocket.connect(directory: directory(spec).path, name: MachineDirectory.consoleSocket))
        defer { close(socket) }
        #expect(write(socket, text, text.utf8.count) == text.utf8.count)
        try await isDone()
    }

    /// A connection for tools, through which a test does what somebody outside could do.
    func admin(_ spec: MachineSpec, _ command: String) async throws {
        let socket = try #require(
            try ControlSocket.connect(directory: directory(spec).path, name: MachineDirectory.adminSocket))
        let connection = try QMPConnection(descriptor: socket, onEvent: { _ in }, onClose: {})
        defer { connection.close() }
        _ = try await connection.execute("qmp_capabilities", nil, timeoutMilliseconds: 10_000)
        _ = try await connection.execute(command, nil, timeoutMilliseconds: 10_000)
    }

    func finish() async {
        let driver = QEMUDriver(configuration)
        await self.driver.close()
        for seen in (try? await driver.observeAll()) ?? [] {
            try? await driver.stop(seen.uid, graceMilliseconds: 0)
            try? await driver.delete(seen.uid)
        }
        await driver.close()
    }

    /// Runs a test with a bench and cleans up, however it ends.
    static func with(_ name: String, _ body: (Bench) async throws -> Void) async throws {
        let bench = Bench(name: name)
        do {
            try await body(bench)
        } catch {
            await bench.finish()
            throw error
        }
        await bench.finish()
    }
}
