import CLinux
import Glibc

/// Threads that belong to this program alone, for work that blocks and must not hold up the cooperative pool.
public enum OwnThread {
    private final class Body {
        let name: String
        let run: @Sendable () -> Void

        init(name: String, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    /// Starts a detached thread that ends when `body` returns.
    ///
    /// All signals are blocked in it, so that they go to the threads that wait for them.
    ///
    /// - Parameter name: Shown by `top -H`; the first 15 bytes count.
    public static func start(named name: String, _ body: @escaping @Sendable () -> Void) {
        let context = Unmanaged.passRetained(Body(name: String(name.prefix(15)), run: body))
        var everySignal = sigset_t()
        var former = sigset_t()
        sigfillset(&everySignal)
        pthread_sigmask(SIG_SETMASK, &everySignal, &former)
        defer { pthread_sigmask(SIG_SETMASK, &former, nil) }
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { pointer in
                let body = Unmanaged<Body>.fromOpaque(pointer!).takeRetainedValue()
                clinux_name_thread(body.name)
                body.run()
                return nil
            }, context.toOpaque())
        precondition(code == 0, "no thread for \(name): \(String(cString: strerror(code)))")
        pthread_detach(thread)
    }
}
