import API
import Contract
import JSONText

extension SetsBenchmark {
    /// What a watch has to say.
    private enum Step: Sendable {
        case opened
        case refused
        /// It has an event.
        case changed(ContinuousClock.Instant)
        case broke(String)
    }

    /// How long one change takes until the last of many watches has it.
    static func measureWatches(
        _ count: Int, _ cluster: LocalCluster, _ client: APIClient, on loop: ClientLoop, _ report: inout Report
    ) async throws {
        let clients = cluster.nodes.map { cluster.client(first: $0, on: loop) }
        defer { for client in clients { client.close() } }
        let revision = try await cluster.revision(client)
        let (steps, input) = AsyncStream.makeStream(of: Step.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            var arriving = steps.makeAsyncIterator()
            var open = 0
            // Few at a time: nodes let only so many connections be in the handshake at once.
            for start in stride(from: 0, to: count, by: handshakes) {
                let numbers = start..<min(start + handshakes, count)
                for number in numbers {
                    let watcher = clients[number % clients.count]
                    group.addTask(executorPreference: loop.executor) {
                        await follow(watcher, from: revision) { input.yield($0) }
                    }
                }
                for _ in numbers {
                    switch await arriving.next() {
                    case .opened: open += 1
                    case .refused: break
                    default: throw BenchmarkFailure("a watch ended while others were opened")
                    }
                }
            }
            guard open > 0 else { throw BenchmarkFailure("no watch could be opened") }
            var last: [Double] = []
            var half: [Double] = []
            var acknowledged: [Double] = []
            for round in 0..<cluster.place.rounds(20, smoke: 2) {
                let watch = Stopwatch()
                try await cluster.touch("small-0", round, by: client)
                acknowledged.append(watch.milliseconds)
                var moments: [Double] = []
                while moments.count < open {
                    switch await arriving.next() {
                    case .changed(let moment): moments.append(watch.milliseconds(until: moment))
                    case .broke(let why):
                        throw BenchmarkFailure("a watch broke when \(moments.count) of \(open) had the change: \(why)")
                    default: throw BenchmarkFailure("no watch has anything more to say")
                    }
                }
                let samples = Samples(moments)
                half.append(samples.median)
                last.append(samples.maximum)
            }
            report.add("one change acknowledged, with \(open) watches", "ms", Samples(acknowledged))
            report.add("  half of the watches have it", "ms", Samples(half))
            report.add("  the last watch has it", "ms", Samples(last))
            report.add("watches that came about:", "\(open) of \(count)")
        }
    }

    private static let handshakes = 16

    private static func follow(_ client: APIClient, from revision: UInt64, _ tell: (Step) -> Void) async {
        let lines: LineSequence
        do throws(ClientFailure) {
            lines = try await client.lines(
                ClusterPath.machines,
                query: [QueryParameter.watch.item(true), QueryParameter.resourceVersion.item(revision)])
        } catch {
            tell(.refused)
            return
        }
        tell(.opened)
        do {
            for try await event in lines {
                guard event["type"]?.string != "ERROR" else {
                    tell(.broke(String(decoding: event.canonicalBytes, as: UTF8.self)))
                    return
                }
                tell(.changed(.now))
            }
            tell(.broke("it ended"))
        } catch {
            tell(.broke("\(error)"))
        }
    }
}
