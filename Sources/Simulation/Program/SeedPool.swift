import Glibc
import Host
import Primitives

/// Runs many seeds in several processes, and hands their results over as they come.
struct SeedPool {
    let request: SimulationRequest
    /// How many seeds one process runs: enough that starting it costs nothing, few enough that memory stays bounded.
    private static let seedsPerProcess: UInt64 = 40

    /// - Parameters:
    ///   - deadline: When no more seeds are begun.
    ///   - result: Takes each result; in no particular order of seeds.
    func run(until deadline: Instant?, result: (SeedResult) -> Void) throws(HostError) {
        var next = request.seedNumbers.lowerBound
        let end = request.seedNumbers.upperBound
        var again: [Range<UInt64>] = []
        var workers: [SeedWorker] = []
        while true {
            while workers.count < request.jobs, deadline.map({ SystemClock.now() < $0 }) ?? true {
                if let range = again.popLast() {
                    workers.append(try SeedWorker(request, seeds: range, until: deadline))
                } else if next < end {
                    let last = min(end, next + Self.seedsPerProcess)
                    workers.append(try SeedWorker(request, seeds: next..<last, until: deadline))
                    next = last
                } else {
                    break
                }
            }
            guard !workers.isEmpty else { return }
            var descriptors = workers.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
            _ = poll(&descriptors, nfds_t(descriptors.count), 1000)
            for position in workers.indices.reversed() {
                let worker = workers[position]
                guard descriptors[position].revents != 0 else {
                    worker.endIfHung()
                    continue
                }
                let progress = worker.read()
                for one in progress.results { result(one) }
                guard let left = progress.left else { continue }
                workers.remove(at: position)
                if !left.isEmpty { again.append(left) }
            }
        }
    }

    /// Runs one seed in a process of its own.
    func runOne() throws(HostError) -> SeedResult? {
        var found: SeedResult?
        try run(until: nil) { found = $0 }
        return found
    }
}
