import Host
import Hypervisor
import Synchronization

/// What must be there before a machine can start: QEMU, an accelerator, and the file of the built-in guest. Looked for
/// at the first need, and again as long as it is missing.
actor Provision {
    struct Ready: Equatable, Sendable {
        var installation: Installation
        var acceleration: AcceleratorDecision
        var builtinKernelPath: String
    }

    private let configuration: QEMUDriver.Configuration
    private var finding: Task<Result<Ready, MachineFailure>, Never>?
    private var ready: Ready?

    init(configuration: QEMUDriver.Configuration) {
        self.configuration = configuration
    }

    func get() async throws(MachineFailure) -> Ready {
        if let ready { return ready }
        // Whoever comes while it is looked for waits for the same search.
        let search = finding ?? Task { await Self.find(configuration) }
        finding = search
        let result = await search.value
        finding = nil
        let found = try result.get()
        ready = found
        return found
    }

    private static func find(_ configuration: QEMUDriver.Configuration) async -> Result<Ready, MachineFailure> {
        let cache = configuration.cacheDirectory
        do throws(MachineFailure) {
            let kernel = cache + "/builtin-guest.bz"
            do throws(DiskError) {
                try DurableFile.createDirectory(cache)
                try DurableFile.write(BuiltinGuest(heedsPowerButton: true).kernelImage, to: kernel, mode: 0o644)
            } catch {
                throw .retryable(error.isOutOfSpace ? .noSpace : .hostFailed, message: "\(error)")
            }
            let installation = try await Installation.find(
                systemEmulator: configuration.systemEmulator, imageTool: configuration.imageTool,
                log: cache + "/version.log")
            let acceleration =
                switch configuration.accelerator {
                case .kvm: AcceleratorDecision(accelerator: .kvm, reason: "the configuration says so")
                case .tcg: AcceleratorDecision(accelerator: .tcg, reason: "the configuration says so")
                case .automatic:
                    await AcceleratorProbe(executable: installation.systemEmulator, cacheDirectory: cache).decide()
                }
            return .success(
                Ready(installation: installation, acceleration: acceleration, builtinKernelPath: kernel))
        } catch {
            return .failure(error)
        }
    }
}
