import Glibc
import Synchronization

/// Descriptors that are kept open for nothing, so that a file of the log can be opened when the process has no other
/// one left: one of them is given back then, and taken again when a file was closed.
public final class DescriptorReserve: Sendable {
    /// Of this process. Empty until ``fill()``, as in programs that keep no log.
    public static let shared = DescriptorReserve(count: 8)

    private struct State {
        /// At most `wanted`.
        var held: [Int32] = []
        /// How many are to be held.
        var wanted = 0
    }

    private let count: Int
    private let state = Mutex(State())

    init(count: Int) {
        self.count = count
    }

    /// Takes the descriptors. Early, so that they have low numbers: those stay usable even under a limit that is
    /// lowered later.
    public func fill() {
        state.withLock { $0.wanted = count }
        refill()
    }

    /// How many are held now.
    var held: Int { state.withLock { $0.held.count } }

    /// Calls the system again for each descriptor that is given back, as long as it has none for the call.
    ///
    /// - Parameter call: Answers a descriptor, or a negative number with `errno`.
    func opening(_ call: () -> Int32) -> Int32 {
        while true {
            let descriptor = call()
            if descriptor >= 0 { return descriptor }
            let code = errno
            guard code == EMFILE || code == ENFILE, giveBack() else {
                errno = code
                return descriptor
            }
        }
    }

    /// To be called after a file was closed.
    func refill() {
        state.withLock { state in
            while state.held.count < state.wanted {
                let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
                // There is none to spare yet; the next file that is closed tries again.
                guard descriptor >= 0 else { return }
                state.held.append(descriptor)
            }
        }
    }

    private func giveBack() -> Bool {
        state.withLock { state in
            guard let descriptor = state.held.popLast() else { return false }
            close(descriptor)
            return true
        }
    }

    deinit {
        state.withLock { state in
            for descriptor in state.held { close(descriptor) }
        }
    }
}
