import Dispatch
import Glibc
import TestFiles
import Testing

@testable import Host

@Suite struct DescriptorTests {
    @Test("The limit is raised to what the system allows, and stays there")
    func raise() throws {
        let limit = try DescriptorLimit.raise()
        var limits = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits)
        #expect(limit >= min(Int(clamping: limits.rlim_max), 65_536))
        #expect(try DescriptorLimit.raise() == limit)
    }

    @Test("A refusal names both numbers and the way out")
    func refusal() {
        let text = DescriptorLimit.refusal(of: "a node", limit: 16, least: 128)
        #expect(text.contains("16") && text.contains("128") && text.contains("ulimit -n"))
    }

    @Test("Without a free descriptor one of the reserve opens the file, and the reserve is filled again")
    func reserve() {
        let reserve = DescriptorReserve(count: 3)
        reserve.fill()
        #expect(reserve.held == 3)
        var failures = 2
        let opened = reserve.opening {
            guard failures == 0 else {
                failures -= 1
                errno = EMFILE
                return -1
            }
            return open("/dev/null", O_RDONLY | O_CLOEXEC)
        }
        #expect(opened >= 0 && reserve.held == 1)
        close(opened)
        reserve.refill()
        #expect(reserve.held == 3)
    }

    @Test("An empty reserve, and every other error, is the caller's", arguments: [EMFILE, ENFILE, ENOENT])
    func exhausted(code: Int32) {
        let reserve = DescriptorReserve(count: 2)
        reserve.fill()
        let opened = reserve.opening {
            errno = code
            return -1
        }
        #expect(opened == -1 && errno == code)
        #expect(reserve.held == (code == ENOENT ? 2 : 0))
    }

    @Test("A process without a free descriptor lives on while work waits for a thread of the pool")
    func waitingWork() async {
        await #expect(processExitsWith: .success) {
            // Timers have what they need before the last descriptor is taken.
            try await Task.sleep(for: .milliseconds(1))
            var limits = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits)
            limits.rlim_cur = 256
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits)
            while open("/dev/null", O_RDONLY) >= 0 {}
            // The pool adds a thread for the last one only after it has looked at those that are blocked.
            let never = DispatchSemaphore(value: 0)
            for _ in 0..<sysconf(Int32(_SC_NPROCESSORS_ONLN)) { DispatchQueue.global().async { never.wait() } }
            DispatchQueue.global().async { exit(EXIT_SUCCESS) }
            never.wait()
        }
    }
}
