import Glibc
import Host
import Hypervisor
import Testing

@testable import QEMU

@Suite("What a host can do")
struct CapabilitiesTests {
    private func driver(_ root: String, emulator: String, accelerator: AcceleratorChoice) -> QEMUDriver {
        QEMUDriver(
            QEMUDriver.Configuration(
                machinesDirectory: root + "/machines", cacheDirectory: root, systemEmulator: emulator,
                imageTool: "qemu-img", accelerator: accelerator, simultaneousStarts: 1))
    }

    @Test("A host without QEMU can do nothing, and says how to get it")
    func missing() async throws {
        let scratch = Bench(name: "none")
        let driver = driver(scratch.root, emulator: "qemu-system-nothing", accelerator: .automatic)
        let capabilities = await driver.capabilities
        guard case .unavailable(let reason) = capabilities.availability else {
            Issue.record("\(capabilities)")
            return
        }
        #expect(reason.contains("qemu-system-nothing") && reason.contains("apt-get install qemu-system-x86 qemu-utils"))
        await #expect { try await driver.start(exampleSpec()) } throws: {
            ($0 as? MachineFailure)?.reason == .hypervisorMissing
        }
        #expect(try await driver.observeAll().isEmpty)
        await scratch.finish()
    }

    @Test(
        "What a host can do is decided once and remembered until the next boot",
        .enabled(if: RealQEMU.mayRun, RealQEMU.reason))
    func decision() async throws {
        let scratch = Bench(name: "decision")
        let first = await driver(scratch.root, emulator: "qemu-system-x86_64", accelerator: .automatic).capabilities
        #expect(first.availability == .available && first.version?.first?.isNumber == true)
        let remembered = try DurableFile.read(scratch.root + "/accelerator.json", limit: 4096)
        #expect(String(decoding: remembered, as: UTF8.self).contains(SystemFacts.bootID))
        let second = await driver(scratch.root, emulator: "qemu-system-x86_64", accelerator: .automatic).capabilities
        #expect(second == first)
        await scratch.finish()
    }

    @Test("What a host can do is probed with a guest that really runs", .enabled(if: RealQEMU.mayRun, RealQEMU.reason))
    func probe() async throws {
        let scratch = Bench(name: "probe")
        let probe = AcceleratorProbe(executable: "/usr/bin/qemu-system-x86_64", cacheDirectory: scratch.root)
        // Translation passes the probe wherever QEMU runs at all; how long it takes depends on the load.
        let milliseconds = try await probe.run(.tcg).get()
        #expect(milliseconds >= 0)
        await scratch.finish()
    }

    @Test("QEMU's version is read from what it prints")
    func version() {
        #expect(Installation.version(in: "QEMU emulator version 7.2.22 (Debian 1:7.2)\nCopyright") == "7.2.22")
        #expect(Installation.version(in: "QEMU emulator version 9.0.0\n") == "9.0.0")
        #expect(Installation.version(in: "no such thing") == nil)
    }
}
