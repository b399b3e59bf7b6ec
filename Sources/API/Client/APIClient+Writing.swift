import Fleet
import NIOCore

extension APIClient {
    /// Sends a write to one endpoint after the other until one answers.
    ///
    /// With a request id, a write whose answer was lost goes to the next endpoint too, and once more to all of them:
    /// the cluster keeps the first answer and gives it again.
    func write(_ request: ClientRequest, request id: RequestID?) async throws(ClientFailure) -> [UInt8] {
        let deadline = NIODeadline.now() + .milliseconds(timeouts.requestMilliseconds)
        var tally = Tally()
        for pass in 0..<2 {
            if pass > 0, !tally.isLost { break }
            for position in pool.order {
                let exchange = Exchange(
                    client: self, position: position, request: request, mayReuse: id != nil, deadline: deadline)
                let outcome = await exchange.run {}
                if let final = tally.take(outcome, from: endpoints[position]) {
                    pool.prefer(position)
                    return try final.get()
                }
                if id == nil, tally.isLost { throw tally.failure(request: nil, isWrite: true) }
                if Task.isCancelled { throw tally.failure(request: id, isWrite: true) }
            }
        }
        throw tally.failure(request: id, isWrite: true)
    }
}
