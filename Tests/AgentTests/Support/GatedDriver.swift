import DriverPort
import Hypervisor
import Primitives
import Synchronization

/// A driver whose calls begin when they come and end when the test lets them.
final class GatedDriver: MachineDriver {
    enum Call: Hashable, Sendable {
        case look(UID)
        case start(UID)
        case resume(UID)
        case stop(UID)
        case delete(UID)
    }

    private struct State {
        var gates: [Call: [CheckedContinuation<Void, any Error>]] = [:]
        var failing: Set<Call> = []
    }

    /// The calls in the order in which they began.
    let begun: AsyncStream<Call>
    private let begins: AsyncStream<Call>.Continuation
    private let state = Mutex(State())

    init() {
        (begun, begins) = AsyncStream.makeStream(of: Call.self)
    }

    /// Lets the oldest such call end.
    func release(_ call: Call, failing: Bool = false) {
        let gate = state.withLock { $0.gates[call]?.removeFirst() }
        if failing { gate?.resume(throwing: CancellationError()) } else { gate?.resume() }
    }

    private func wait(_ call: Call) async throws(MachineFailure) {
        do {
            try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    state.withLock { $0.gates[call, default: []].append(continuation) }
                    begins.yield(call)
                    if Task.isCancelled { release(call, failing: true) }
                }
            } onCancel: {
                if state.withLock({ $0.gates[call]?.isEmpty == false }) { release(call, failing: true) }
            }
        } catch {
            throw .retryable(.hostFailed, message: "it was cut short")
        }
    }

    var capabilities: DriverCapabilities {
        DriverCapabilities(
            name: "gated", version: nil, accelerator: nil, acceleratorReason: nil, availability: .available)
    }

    var changes: AsyncStream<UID> { AsyncStream { $0.finish() } }
    func observeAll() async throws(MachineFailure) -> [MachineObservation] { [] }

    func observe(_ uid: UID) async -> MachineObservation {
        // A look that is cut short is a look.
        try? await wait(.look(uid))
        return .absent(uid, at: Instant(milliseconds: 0))
    }

    func start(_ spec: MachineSpec) async throws(MachineFailure) { try await wait(.start(spec.uid)) }
    func resume(_ uid: UID) async throws(MachineFailure) { try await wait(.resume(uid)) }
    func stop(_ uid: UID, graceMilliseconds: Int64) async throws(MachineFailure) { try await wait(.stop(uid)) }
    func delete(_ uid: UID) async throws(MachineFailure) { try await wait(.delete(uid)) }

    func consoleLog(_ uid: UID, offset: Int64, limit: Int) async throws(MachineFailure) -> ConsoleChunk {
        throw .permanent(.notRunning, message: "it prints nothing")
    }
}
