import Contract
import JSONText
import NIOCore
import Synchronization

extension APIClient {
    /// What a child task of a read has to say.
    private enum Step: Sendable {
        case ended(attempt: Int, ExchangeOutcome)
        /// An attempt has had its time for a first answer.
        case waited(attempt: Int)
    }

    /// Reads from one endpoint after the other, with company for the slow, until one answers.
    func read(_ request: ClientRequest) async throws(ClientFailure) -> [UInt8] {
        let order = pool.order
        let deadline = NIODeadline.now() + .milliseconds(timeouts.requestMilliseconds)
        let patience = timeouts.firstAnswerMilliseconds
        let answering = AnsweringAttempts()
        let result: Result<[UInt8], ClientFailure> = await withTaskGroup(of: Step.self) { group in
            var started = 0
            var running = 0
            var outcomes = EndpointOutcomes()
            var startsNext = true
            while true {
                if startsNext, started < order.count {
                    let attempt = started
                    started += 1
                    running += 1
                    let exchange = Exchange(
                        client: self, position: order[attempt], request: request, mayReuse: true,
                        connectMilliseconds: timeouts.patientConnectMilliseconds, deadline: deadline)
                    group.addTask { .ended(attempt: attempt, await exchange.run { answering.insert(attempt) }) }
                    // No `TimedWait`: the time does not end this attempt, it begins the next one beside it.
                    group.addTask {
                        // Cancelled when another one has answered; then the result is not used any more.
                        try? await Task.sleep(for: .milliseconds(patience))
                        return .waited(attempt: attempt)
                    }
                }
                guard running > 0, let step = await group.next() else { break }
                switch step {
                case .waited(let attempt): startsNext = attempt == started - 1 && !answering.contains(attempt)
                case .ended(let attempt, let outcome):
                    running -= 1
                    if let final = outcomes.take(outcome, from: endpoints[order[attempt]]) {
                        group.cancelAll()
                        pool.prefer(order[attempt])
                        return final
                    }
                    startsNext = true
                }
            }
            group.cancelAll()
            return .failure(outcomes.failure(request: nil))
        }
        return try result.get()
    }

    static func parse(_ bytes: [UInt8]) throws(ClientFailure) -> JSON {
        do throws(JSONError) {
            return try JSON(parsing: bytes)
        } catch {
            throw .protocolViolation("a body that is no JSON: \(error)")
        }
    }
}

/// The attempts of one read whose endpoint has begun to answer.
private final class AnsweringAttempts: Sendable {
    private let attempts = Mutex<Set<Int>>([])

    func insert(_ attempt: Int) { attempts.withLock { attempts in _ = attempts.insert(attempt) } }
    func contains(_ attempt: Int) -> Bool { attempts.withLock { $0.contains(attempt) } }
}
