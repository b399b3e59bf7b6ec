import Synchronization

/// Output of work that goes on when it is not read any more: that a reader has gone, or a terminal was closed, is no
/// reason to leave nodes half started. It is said at the end.
struct PatientOutput {
    /// The world with such output.
    let world: World
    private let failure = Failure()

    init(_ world: World) {
        var patient = world
        patient.output = Sink(sink: world.output, failure: failure)
        // Remarks may have no reader; the exit code speaks of results.
        patient.errors = Sink(sink: world.errors, failure: Failure())
        self.world = patient
    }

    /// Throws if some of the results could not be written.
    func report() throws(OutputClosed) {
        if let closed = failure.first.withLock({ $0 }), !world.isHungUp() { throw closed }
    }

    private final class Failure: Sendable {
        let first = Mutex<OutputClosed?>(nil)
    }

    private struct Sink: TextSink {
        let sink: any TextSink
        let failure: Failure

        func write(exactly text: String) {
            keep { () throws(OutputClosed) in try sink.write(exactly: text) }
        }

        func write(bytes: [UInt8]) {
            keep { () throws(OutputClosed) in try sink.write(bytes: bytes) }
        }

        private func keep(_ writing: () throws(OutputClosed) -> Void) {
            do throws(OutputClosed) {
                try writing()
            } catch {
                failure.first.withLock { if $0 == nil { $0 = error } }
            }
        }
    }
}
