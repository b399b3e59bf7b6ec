import Contract
import Fleet
import NIOCore

extension APIClient {
    /// Sends a write to one endpoint after the other until one answers.
    ///
    /// Once more to all of them if none answered: with more patience if nothing was sent, and also if an answer was
    /// lost, because only what takes effect once has an id. Without an id a request whose answer was lost is not
    /// repeated.
    func write(_ request: ClientRequest, request id: RequestID?) async throws(ClientFailure) -> [UInt8] {
        let deadline = NIODeadline.now() + .milliseconds(timeouts.requestMilliseconds)
        let isAlone = endpoints.count == 1
        var outcomes = EndpointOutcomes()
        for pass in 0..<2 {
            if pass > 0 {
                guard outcomes.isUnanswered else { break }
                outcomes.forgetUnreachable()
            }
            for position in pool.order {
                let exchange = Exchange(
                    client: self, position: position, request: request, mayReuse: id != nil,
                    connectMilliseconds: pass > 0 || isAlone
                        ? timeouts.patientConnectMilliseconds : timeouts.connectMilliseconds,
                    deadline: deadline)
                let outcome = await exchange.run {}
                if let final = outcomes.take(outcome, from: endpoints[position]) {
                    pool.prefer(position)
                    return try final.get()
                }
                if id == nil, outcomes.isLost { throw outcomes.failure(request: nil, isWrite: true) }
                if Task.isCancelled { throw outcomes.failure(request: id, isWrite: true) }
            }
        }
        throw outcomes.failure(request: id, isWrite: true)
    }
}
