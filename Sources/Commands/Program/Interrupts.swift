import Glibc
import Synchronization

/// SIGINT and SIGTERM, counted, and whether a SIGHUP came.
enum Interrupts {
    /// Raised by the signal handlers, which may do nothing but that.
    private static let received = Atomic<Int>(0)
    private static let hangUps = Atomic<Int>(0)
    private static let isListening = Atomic<Bool>(false)

    /// How many have come since the first call. Before it they end the program, as they usually do.
    static func count() -> Int {
        if !isListening.exchange(true, ordering: .sequentiallyConsistent) {
            for number in [SIGINT, SIGTERM] {
                signal(number) { _ in Interrupts.received.add(1, ordering: .sequentiallyConsistent) }
            }
            // Under nohup(1) the end of the terminal is of no interest, and stays so.
            if !isIgnored(SIGHUP) {
                signal(SIGHUP) { _ in Interrupts.hangUps.add(1, ordering: .sequentiallyConsistent) }
            }
        }
        return received.load(ordering: .sequentiallyConsistent)
    }

    /// Whether the terminal has gone since the first call of ``count()``.
    static func isHungUp() -> Bool { hangUps.load(ordering: .sequentiallyConsistent) > 0 }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0 else { return false }
        // SIG_IGN is the address 1.
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
    }
}
