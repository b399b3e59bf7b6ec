import Glibc
import Host
import Synchronization

/// SIGINT and SIGTERM as a stream.
enum Interrupts {
    private struct State {
        var isListening = false
        var listeners: [AsyncStream<Void>.Continuation] = []
    }

    private static let state = Mutex(State())
    /// Written by the signal handler, which may do nothing but that.
    private static let pipeEnd = Atomic<Int32>(-1)

    /// One element for each signal from now on. Before the first call the signals end the program.
    static func stream() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state.withLock { state in
            state.listeners.append(continuation)
            if !state.isListening {
                state.isListening = true
                listen()
            }
        }
        return stream
    }

    private static func listen() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let (reading, writing) = (ends[0], ends[1])
        pipeEnd.store(writing, ordering: .sequentiallyConsistent)
        for number in [SIGINT, SIGTERM] {
            signal(number) { _ in
                let saved = errno
                var byte: UInt8 = 0
                _ = write(Interrupts.pipeEnd.load(ordering: .sequentiallyConsistent), &byte, 1)
                errno = saved
            }
        }
        OwnThread.start(named: "interrupts") {
            var byte: UInt8 = 0
            while true {
                let count = read(reading, &byte, 1)
                if count < 0, errno == EINTR { continue }
                guard count == 1 else { return }
                for listener in state.withLock({ $0.listeners }) { listener.yield() }
            }
        }
    }
}
