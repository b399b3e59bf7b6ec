import NIOCore

/// Runs tasks on an event loop: a connection's work on the connection's own.
///
/// A request is small and asks nothing that blocks, so that handing it from thread to thread would cost more than
/// answering it: it is read, judged and answered where its bytes arrive.
final class EventLoopTaskExecutor: TaskExecutor, Sendable {
    private let eventLoop: any EventLoop

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
