import DriverPort
import Glibc
import Hypervisor
import Primitives
import SimulatedDriver
import TestFiles
import Testing

@Suite("The simulated driver")
struct SimulatedHypervisorTests {
    private static let instantly = SimulatedMachines.Timing(startMilliseconds: 0, stopMilliseconds: 0)

    private let state = TemporaryDirectory(named: "simulated")

    @Test("The simulated driver starts a machine, shows its console, stops and deletes it")
    func life() async throws {
        let driver = try SimulatedHypervisor(
            timing: .init(startMilliseconds: 2, stopMilliseconds: 2), stateDirectory: nil)
        let spec = machine()
        try await driver.start(spec)
        #expect(driver.observe(spec.uid).state == .running)
        let chunk = try driver.consoleLog(spec.uid, offset: 0, limit: 9)
        #expect(String(decoding: chunk.bytes, as: UTF8.self) == "simulated")
        #expect(chunk.nextOffset == 9 && chunk.truncatedBefore == 0)
        try await driver.stop(spec.uid, graceMilliseconds: 100)
        #expect(driver.observe(spec.uid).state == .stopped(.stoppedByRequest))
        try await driver.delete(spec.uid)
        #expect(driver.observeAll().isEmpty)
    }

    @Test("The simulated driver finds the machines of a former driver in its state directory")
    func adoption() async throws {
        let directory = state.path
        let (up, down, gone) = (machine(index: 1, epoch: 4), machine(index: 2), machine(index: 3))
        do {
            let driver = try SimulatedHypervisor(timing: Self.instantly, stateDirectory: directory)
            for spec in [up, down, gone] { try await driver.start(spec) }
            try await driver.stop(down.uid, graceMilliseconds: 0)
            try await driver.stop(gone.uid, graceMilliseconds: 0)
            try await driver.delete(gone.uid)
        }
        let driver = try SimulatedHypervisor(timing: Self.instantly, stateDirectory: directory)
        let seen = driver.observeAll()
        #expect(seen.map(\.uid) == [up.uid, down.uid])
        #expect(seen.map(\.state) == [.running, .stopped(.unknown)])
        #expect(seen[0].epoch == 4 && seen[0].launchDigest == up.launchDigest)
    }

    @Test("The simulated driver refuses a damaged state file and leaves it alone")
    func damage() async throws {
        let directory = state.path
        let spec = machine()
        try await SimulatedHypervisor(timing: Self.instantly, stateDirectory: directory).start(spec)
        let path = directory + "/" + spec.uid.description
        let descriptor = open(path, O_RDWR)
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        bytes = Array(bytes.prefix(count))
        for place in bytes.indices {
            var damaged = bytes
            damaged[place] ^= 1
            #expect(pwrite(descriptor, damaged, damaged.count, 0) == damaged.count)
            #expect(throws: MachineFailure.self) {
                try SimulatedHypervisor(timing: Self.instantly, stateDirectory: directory)
            }
        }
        for length in 0..<bytes.count {
            #expect(pwrite(descriptor, bytes, bytes.count, 0) == bytes.count && ftruncate(descriptor, length) == 0)
            #expect(throws: MachineFailure.self) {
                try SimulatedHypervisor(timing: Self.instantly, stateDirectory: directory)
            }
        }
        close(descriptor)
    }

    @Test("The simulated driver tells every consumer once of any number of changes that it has not seen")
    func changes() async throws {
        let driver = try SimulatedHypervisor(timing: Self.instantly, stateDirectory: nil)
        let (one, two) = (machine(index: 1), machine(index: 2))
        var first = driver.changes.makeAsyncIterator()
        var second = driver.changes.makeAsyncIterator()
        try await driver.start(one)
        try await driver.start(two)
        try await driver.start(one)
        try driver.disturb(one.uid) { machines, now in machines.crash(one.uid, message: "", now: now) }
        #expect(await first.next() == one.uid)
        #expect(await first.next() == two.uid)
        #expect(await second.next() == one.uid)
        try await driver.stop(two.uid, graceMilliseconds: 0)
        try driver.disturb(one.uid) { _, _ in }
        #expect(await first.next() == two.uid)
        #expect(await first.next() == one.uid)
        #expect(await second.next() == two.uid)
        #expect(await second.next() == one.uid)
    }

    /// A small machine.
    private func machine(index: UInt64 = 1, epoch: UInt64 = 1) -> MachineSpec {
        MachineSpec(
            uid: UID(cluster: "test", index: index, position: 0), name: "default/web-\(index)", epoch: epoch,
            generation: 1, vcpus: 1, memoryBytes: 64 << 20, boot: .builtin,
            disks: [MachineSpec.Disk(name: "root", sizeBytes: 1 << 20, format: .raw, baseImage: nil)], networks: [])
    }
}
