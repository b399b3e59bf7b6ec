import Glibc
import Synchronization

/// SIGINT and SIGTERM, counted.
enum Interrupts {
    /// Raised by the signal handler, which may do nothing but that.
    private static let received = Atomic<Int>(0)
    private static let isListening = Atomic<Bool>(false)

    /// How many have come since the first call. Before it they end the program, as they usually do.
    static func count() -> Int {
        if !isListening.exchange(true, ordering: .sequentiallyConsistent) {
            for number in [SIGINT, SIGTERM] {
                signal(number) { _ in Interrupts.received.add(1, ordering: .sequentiallyConsistent) }
            }
        }
        return received.load(ordering: .sequentiallyConsistent)
    }
}
