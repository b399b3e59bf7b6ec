import Glibc
import Synchronization

/// SIGINT and SIGTERM, which must not leave nodes behind.
enum Interruption {
    /// Raised by the signal handler, which may do nothing but that.
    private static let received = Atomic<Int>(0)

    static var count: Int { received.load(ordering: .sequentiallyConsistent) }

    /// Waits until the program is asked to end.
    static func wait() async throws {
        for number in [SIGINT, SIGTERM] {
            signal(number) { _ in Interruption.received.add(1, ordering: .sequentiallyConsistent) }
        }
        while count == 0 { try await Task.sleep(for: .milliseconds(100)) }
    }
}
