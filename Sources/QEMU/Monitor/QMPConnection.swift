import CLinux
import Glibc
import Host
import JSONText
import Synchronization

/// Why a command got no answer.
enum QMPFailure: Error, Equatable, Sendable, CustomStringConvertible {
    case refused(QMPRefusal)
    /// Nothing came within the time.
    case silent(milliseconds: Int64)
    /// The connection is at an end, for this reason.
    case closed(String)

    var description: String {
        switch self {
        case .refused(let refusal): refusal.description
        case .silent(let milliseconds): "no answer within \(milliseconds) ms"
        case .closed(let reason): "the control connection ended: \(reason)"
        }
    }
}

/// A living connection to QEMU's control socket. It is read by the descriptor watcher; nothing here blocks.
final class QMPConnection: Sendable {
    /// The process at the other end, as the kernel knows it.
    let peerPID: Int32
    private let descriptor: Int32
    private let onEvent: @Sendable (QMPEvent) -> Void
    private let onClose: @Sendable () -> Void
    private let state = Mutex(State())

    private typealias Waiting = OnceContinuation<Result<JSON, QMPFailure>?>

    private struct State {
        var session = QMPSession()
        /// Nil until QEMU has sent it.
        var greeting: QMPGreeting?
        /// The commands that are not answered yet, by their numbers.
        var waiting: [Int64: Waiting] = [:]
        var watch: DescriptorWatcher.Watch?
        /// Why the connection ended; nil while it is open.
        var closed: String?
    }

    /// - Parameters:
    ///   - descriptor: A connected, non-blocking socket, which from now on belongs to the connection.
    ///   - onEvent: Called on the watcher's thread in the order of the events; it must not block.
    ///   - onClose: Called once, when the other end closes or breaks the protocol.
    init(
        descriptor: Int32, onEvent: @escaping @Sendable (QMPEvent) -> Void, onClose: @escaping @Sendable () -> Void
    ) throws(HostError) {
        self.descriptor = descriptor
        self.onEvent = onEvent
        self.onClose = onClose
        peerPID = clinux_peer_pid(descriptor)
        let watch: DescriptorWatcher.Watch
        do {
            watch = try DescriptorWatcher.shared.watch(descriptor) { [weak self] in self?.read() }
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        let closedAlready = state.withLock { state in
            if state.closed == nil { state.watch = watch }
            return state.closed != nil
        }
        if closedAlready { DescriptorWatcher.shared.cancel(watch) }
    }

    deinit {
        // Every way out goes through `close`, except dropping the last reference to an open connection.
        finish(reason: "let go")
    }

    var isOpen: Bool { state.withLock { $0.closed == nil } }

    /// The version of QEMU, once it has greeted.
    var version: String? { state.withLock { $0.greeting?.version } }

    /// Sends a command and waits for its reply.
    func execute(
        _ command: String, _ arguments: JSON?, timeoutMilliseconds: Int64
    ) async throws(QMPFailure) -> JSON {
        var sent: Int64?
        let result = await TimedWait.answer(milliseconds: timeoutMilliseconds) { once in
            sent = send(command, arguments, once)
        }
        if let result { return try result.get() }
        if let sent { state.withLock { state in _ = state.waiting.removeValue(forKey: sent) } }
        throw .silent(milliseconds: timeoutMilliseconds)
    }

    func close() {
        finish(reason: "closed by the driver")
    }

    /// Answers the command's number, or resumes the continuation with the failure.
    private func send(_ command: String, _ arguments: JSON?, _ once: Waiting) -> Int64? {
        let (id, problem) = state.withLock { state -> (Int64?, String?) in
            if let reason = state.closed { return (nil, reason) }
            let (id, bytes) = state.session.command(command, arguments: arguments)
            // Commands are far smaller than the socket's buffer: it is full only if QEMU has read nothing for long.
            let count = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            guard count == bytes.count else { return (nil, "could not send: \(String(cString: strerror(errno)))") }
            state.waiting[id] = once
            return (id, nil)
        }
        if let problem { once.resume(returning: .failure(.closed(problem))) }
        return id
    }

    /// Takes in what is there. Runs on the watcher's thread only, so messages are told in their order.
    private func read() {
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        let outcome = state.withLock { state -> Result<[QMPMessage], QMPViolation> in
            guard state.closed == nil else { return .success([]) }
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if count == 0 { return .failure(QMPViolation("QEMU closed it")) }
            if count < 0 {
                if errno == EAGAIN || errno == EINTR { return .success([]) }
                return .failure(QMPViolation(String(cString: strerror(errno))))
            }
            do throws(QMPViolation) {
                return .success(try state.session.receive(buffer.prefix(count)))
            } catch {
                return .failure(error)
            }
        }
        switch outcome {
        case .success(let messages): for message in messages { take(message) }
        case .failure(let violation): if finish(reason: violation.description) { onClose() }
        }
    }

    private func take(_ message: QMPMessage) {
        switch message {
        case .greeting(let greeting):
            state.withLock { $0.greeting = greeting }
        case .event(let event):
            onEvent(event)
        case .reply(let id, let result):
            let waiting = state.withLock { $0.waiting.removeValue(forKey: id) }
            waiting?.resume(returning: result.mapError(QMPFailure.refused))
        }
    }

    /// Ends the connection once; false if it had ended before.
    @discardableResult
    private func finish(reason: String) -> Bool {
        let left = state.withLock { state -> State? in
            guard state.closed == nil else { return nil }
            let left = state
            state.closed = reason
            state.waiting = [:]
            // The watch goes first: a closed descriptor's number may be another's a moment later.
            if let watch = state.watch { DescriptorWatcher.shared.cancel(watch) }
            Glibc.close(descriptor)
            return left
        }
        guard let left else { return false }
        for id in left.waiting.keys.sorted() { left.waiting[id]?.resume(returning: .failure(.closed(reason))) }
        return true
    }
}
