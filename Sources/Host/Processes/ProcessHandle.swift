import CLinux
import Glibc
import Synchronization

/// How a process ended, as far as this program can know.
public enum ProcessEnd: Equatable, Sendable, CustomStringConvertible {
    case exited(code: Int32)
    case signalled(Int32)
    /// Only a parent is told; this was another's child.
    case unknown

    public var description: String {
        switch self {
        case .exited(let code): "exit code \(code)"
        case .signalled(let signal): "signal \(signal) (\(String(cString: strsignal(signal))))"
        case .unknown: "an unknown cause"
        }
    }
}

extension ProcessEnd {
    /// From what `waitpid` tells.
    init(waitStatus status: Int32) {
        let signal = status & 0x7f
        self = signal == 0 ? .exited(code: (status >> 8) & 0xff) : .signalled(signal)
    }
}

/// A hold on one process by its pidfd: it can't come to mean another process that got the same number.
///
/// Signals and the wait for the end go through the descriptor. A child is reaped as soon as it ends.
public final class ProcessHandle: Sendable {
    public let pid: Int32
    private let descriptor: Int32
    private let isChild: Bool
    private let state = Mutex(State())

    private struct State {
        /// Set once; a child is reaped then.
        var end: ProcessEnd?
        /// Whether the descriptor was given back.
        var isClosed = false
        var watch: DescriptorWatcher.Watch?
        /// Those to call at the end; empty afterwards.
        var observers: [@Sendable (ProcessEnd) -> Void] = []
    }

    /// Takes hold of a process that is not a child of this program; nil if there is none with this number.
    ///
    /// The number may have come to mean another process since it was learned: prove afterwards that it is the right
    /// one.
    ///
    /// - Throws: If the process can't be held or watched, for example for want of descriptors.
    public static func open(pid: Int32) throws(HostError) -> ProcessHandle? {
        let descriptor = clinux_pidfd_open(pid)
        guard descriptor >= 0 else {
            if errno == ESRCH || errno == EINVAL { return nil }
            throw .last("open process \(pid)")
        }
        return try ProcessHandle(pid: pid, descriptor: descriptor, isChild: false)
    }

    /// Takes hold of a child that was just spawned and that no other code reaps.
    static func child(pid: Int32) throws(HostError) -> ProcessHandle {
        let descriptor = clinux_pidfd_open(pid)
        guard descriptor >= 0 else { throw .last("open process \(pid)") }
        return try ProcessHandle(pid: pid, descriptor: descriptor, isChild: true)
    }

    private init(pid: Int32, descriptor: Int32, isChild: Bool) throws(HostError) {
        self.pid = pid
        self.descriptor = descriptor
        self.isChild = isChild
        let watch: DescriptorWatcher.Watch
        do {
            // The watcher keeps the handle until the process ends: a child is reaped also if its owner drops it.
            watch = try DescriptorWatcher.shared.watch(descriptor) { self.noticeEnd() }
        } catch {
            close(descriptor)
            throw error
        }
        let endedAlready = state.withLock { state in
            state.watch = watch
            return state.end != nil
        }
        if endedAlready { DescriptorWatcher.shared.cancel(watch) }
    }

    deinit {
        // The process has ended, or was not watched: nothing refers to the descriptor any more.
        state.withLock { state in
            if !state.isClosed { close(descriptor) }
        }
    }

    /// How it ended; nil while it runs.
    public var end: ProcessEnd? { state.withLock { $0.end } }

    /// Sends a signal; false if the process has ended.
    ///
    /// - Throws: If the kernel refuses the signal, for example to a process of another user.
    @discardableResult
    public func send(_ signal: Int32) throws(HostError) -> Bool {
        let code = state.withLock { state -> Int32 in
            guard !state.isClosed else { return ESRCH }
            return clinux_pidfd_send_signal(descriptor, signal) == 0 ? 0 : errno
        }
        if code == 0 { return true }
        if code == ESRCH { return false }
        throw HostError("send signal \(signal) to process \(pid)", code: code)
    }

    /// Calls `observer` once, when the process has ended; at once if it has. It must not block.
    public func onEnd(_ observer: @escaping @Sendable (ProcessEnd) -> Void) {
        let end = state.withLock { state -> ProcessEnd? in
            if state.end == nil { state.observers.append(observer) }
            return state.end
        }
        if let end { observer(end) }
    }

    /// Waits for the end.
    public func waitForEnd() async -> ProcessEnd {
        await withCheckedContinuation { continuation in
            onEnd { continuation.resume(returning: $0) }
        }
    }

    /// Waits for the end, but not longer than this; nil if it still runs.
    public func waitForEnd(milliseconds: Int64) async -> ProcessEnd? {
        await TimedWait.answer(milliseconds: milliseconds) { once in
            onEnd { once.resume(returning: $0) }
        }
    }

    private func noticeEnd() {
        var end = ProcessEnd.unknown
        if isChild {
            var status: Int32 = 0
            let reaped = waitpid(pid, &status, WNOHANG)
            if reaped == 0 { return }
            if reaped == pid { end = ProcessEnd(waitStatus: status) }
        }
        let (watch, observers) = state.withLock { state in
            guard state.end == nil else { return (DescriptorWatcher.Watch?.none, [@Sendable (ProcessEnd) -> Void]()) }
            state.end = end
            defer { state.observers = [] }
            return (state.watch, state.observers)
        }
        if let watch { DescriptorWatcher.shared.cancel(watch) }
        for observer in observers { observer(end) }
    }
}
