import CLinux
import Glibc
import Synchronization

/// One thread that waits on any number of descriptors and calls back when one can be read.
///
/// Process ends (pidfds), control sockets and the like share it, so that waiting costs neither a thread each nor a
/// thread of the cooperative pool. A handler runs on that thread: it must be short and must not block.
public final class DescriptorWatcher: Sendable {
    /// The watcher of this program; its thread starts with the first watch.
    public static let shared = DescriptorWatcher()

    /// One watched descriptor. Cancel it before closing the descriptor.
    public struct Watch: Sendable {
        fileprivate let token: UInt64
        fileprivate let descriptor: Int32
    }

    private struct State {
        /// One for each watch that is not cancelled, by a token that is never used again.
        var handlers: [UInt64: @Sendable () -> Void] = [:]
        var nextToken: UInt64 = 1
    }

    private let epoll: Int32
    private let state = Mutex(State())

    private init() {
        epoll = clinux_epoll_create()
        precondition(epoll >= 0, "no epoll descriptor: \(String(cString: strerror(errno)))")
        let epoll = epoll
        OwnThread.start(named: "descriptors") { [weak self] in
            // The shared watcher lives as long as the program.
            while let self { self.waitOnce(epoll) }
        }
    }

    /// Calls `handler` as long as the descriptor can be read or its other end is closed, until the watch is cancelled.
    ///
    /// - Throws: If the kernel does not take the descriptor; a regular file has nothing to wait for.
    public func watch(
        _ descriptor: Int32, handler: @escaping @Sendable () -> Void
    ) throws(HostError) -> Watch {
        let token = state.withLock { state in
            defer { state.nextToken += 1 }
            state.handlers[state.nextToken] = handler
            return state.nextToken
        }
        guard clinux_epoll_add(epoll, descriptor, token) == 0 else {
            let error = HostError.last("watch descriptor \(descriptor)")
            state.withLock { $0.handlers[token] = nil }
            throw error
        }
        return Watch(token: token, descriptor: descriptor)
    }

    /// Ends a watch. A handler that is running at this moment may still be running afterwards.
    public func cancel(_ watch: Watch) {
        guard state.withLock({ $0.handlers.removeValue(forKey: watch.token) }) != nil else { return }
        // It fails only if the descriptor was closed too early, and then there is nothing left to remove.
        _ = clinux_epoll_remove(epoll, watch.descriptor)
    }

    private func waitOnce(_ epoll: Int32) {
        var tokens = [UInt64](repeating: 0, count: 64)
        let count = clinux_epoll_wait(epoll, &tokens, Int32(tokens.count))
        guard count > 0 else { return }
        for token in tokens.prefix(Int(count)) {
            // Looked up again for each: the handler before may have cancelled this one.
            let handler = state.withLock { $0.handlers[token] }
            handler?()
        }
    }
}
