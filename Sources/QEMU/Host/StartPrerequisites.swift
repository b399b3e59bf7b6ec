import Host
import Hypervisor
import Synchronization

/// What must be there before a machine can start: QEMU, an accelerator, and the file of the built-in guest. Looked for
/// at the first need, and again as long as it is missing.
actor StartPrerequisites {
    struct Found: Equatable, Sendable {
        var installation: Installation
        var acceleration: AcceleratorDecision
        var builtinKernelPath: String
    }

    private let configuration: QEMUDriver.Configuration
    /// Calls that wait for the search that runs; nil while none runs.
    private var waiting: [CheckedContinuation<Result<Found, MachineFailure>, Never>]?
    /// Nil until a search has found everything; then kept.
    private var found: Found?

    init(configuration: QEMUDriver.Configuration) {
        self.configuration = configuration
    }

    func find() async throws(MachineFailure) -> Found {
        if let found { return found }
        return try await search().get()
    }

    /// One search at a time: a call that comes meanwhile shares its result.
    private func search() async -> Result<Found, MachineFailure> {
        if waiting != nil { return await withCheckedContinuation { waiting?.append($0) } }
        waiting = []
        let result = await Self.look(configuration)
        // A failure of now is no failure of the next call.
        found = try? result.get()
        for continuation in waiting ?? [] { continuation.resume(returning: result) }
        waiting = nil
        return result
    }

    private static func look(_ configuration: QEMUDriver.Configuration) async -> Result<Found, MachineFailure> {
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
                Found(installation: installation, acceleration: acceleration, builtinKernelPath: kernel))
        } catch {
            return .failure(error)
        }
    }
}
