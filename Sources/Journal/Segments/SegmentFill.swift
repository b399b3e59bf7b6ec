import Host
import Primitives

/// Writes zeros into the next segment's file on a thread of its own, while the log goes on in the current one.
///
/// In small steps with pauses, so that appends hardly wait for it: 64 MiB take about half a second.
final class SegmentFill: Sendable {
    private struct State: Sendable {
        var isCancelled = false
        /// Whether the thread touches the file no more; `failure` is settled then.
        var hasEnded = false
        var failure: DiskError?
    }

    private static let stepBytes = 256 << 10
    private static let pauseMilliseconds: Int64 = 2

    private let state = Monitor(State())

    /// Starts filling a file of this length, which is there and holds nothing yet.
    init(_ path: String, bytes: Int, disk: any Disk & Sendable) {
        OwnThread.start(named: "journal-fill") { [self] in
            var failure: DiskError?
            do throws(DiskError) {
                try fill(path, bytes: bytes, disk: disk)
            } catch {
                failure = error
            }
            state.change { state in
                state.failure = failure
                state.hasEnded = true
            }
        }
    }

    /// Lets it end soon, without waiting for that.
    func cancel() {
        state.change { $0.isCancelled = true }
    }

    /// Ends it; when this returns the file is not touched any more. Throws if filling had failed.
    func end() throws(DiskError) {
        cancel()
        let failure = state.wait { state in state.hasEnded ? .done(state.failure) : .wait(until: nil) }
        if let failure { throw failure }
    }

    private var isCancelled: Bool { state.withLock { $0.isCancelled } }

    private func fill(_ path: String, bytes: Int, disk: any Disk) throws(DiskError) {
        guard !isCancelled else { return }
        let file = try disk.open(path, for: .readingAndWriting)
        defer { file.close() }
        var offset = 0
        // Asked again after opening: a directory that was given up meanwhile may have a new file of that name.
        while offset < bytes, !isCancelled {
            let end = min(offset + Self.stepBytes, bytes)
            try file.fill(from: offset, to: end)
            offset = end
            let next = SystemClock.now() + Self.pauseMilliseconds
            state.wait { state -> Monitor<State>.Next<Void> in
                state.isCancelled || SystemClock.now() >= next ? .done(()) : .wait(until: next)
            }
        }
    }
}
