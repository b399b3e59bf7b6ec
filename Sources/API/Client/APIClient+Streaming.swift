import Contract
import NIOCore
import NIOHTTP1

extension APIClient {
    /// Opens an answer whose body is read piece by piece.
    ///
    /// - Parameters:
    ///   - silenceMilliseconds: The longest wait for the next piece; nil sets no limit.
    ///   - atMostMilliseconds: The longest wait for the end; nil sets no limit.
    func open(
        _ request: ClientRequest, silenceMilliseconds: Int64?, atMostMilliseconds: Int64?
    ) async throws(ClientFailure) -> ByteAnswer {
        let end = atMostMilliseconds.map { NIODeadline.now() + .milliseconds($0) } ?? .distantFuture
        let deadline = min(end, .now() + .milliseconds(timeouts.requestMilliseconds))
        let order = pool.order
        var outcomes = EndpointOutcomes()
        for (attempt, position) in order.enumerated() {
            let isLast = attempt == order.count - 1
            let patience = isLast ? deadline : min(deadline, .now() + .milliseconds(timeouts.firstAnswerMilliseconds))
            let exchange = Exchange(
                client: self, position: position, request: request, mayReuse: true,
                connectMilliseconds: isLast ? timeouts.patientConnectMilliseconds : timeouts.connectMilliseconds,
                deadline: deadline)
            switch await begin(exchange, patience: patience) {
            case .success(let response):
                pool.prefer(position)
                return ByteAnswer(
                    response: OpenResponse(response, silenceMilliseconds: silenceMilliseconds, end: end))
            case .failure(let stop):
                if let final = outcomes.take(stop.outcome, from: endpoints[position]) {
                    // Only a failure is settled here: a success came as an open response.
                    _ = try final.get()
                }
            }
        }
        throw outcomes.failure(request: nil)
    }

    private struct Stop: Error {
        let outcome: ExchangeOutcome
    }

    private func begin(_ exchange: Exchange, patience: NIODeadline) async -> Result<OpenResponse.Start, Stop> {
        var mayReuse = exchange.mayReuse
        while true {
            let connection: ClientConnection
            let isReused: Bool
            do throws(ConnectFailure) {
                (connection, isReused) = try await exchange.connect(mayReuse: mayReuse)
            } catch {
                return .failure(Stop(outcome: .unreachable(reason: error.reason)))
            }
            do throws(ExchangeFailure) {
                try await connection.send(exchange.request)
                let head = try await Exchange.head(connection, deadline: patience)
                if (200..<300).contains(head.status.code) { return .success((connection, head)) }
                let body = try await Exchange.body(connection, deadline: exchange.deadline)
                connection.close()
                return .failure(Stop(outcome: .answer(code: Int(head.status.code), body: body)))
            } catch {
                connection.close()
                // An idle connection may have been closed at the very moment of its use: that says nothing of the
                // endpoint.
                if isReused, error == .closed, !Task.isCancelled {
                    mayReuse = false
                    continue
                }
                if case .violation(let what) = error { return .failure(Stop(outcome: .violation(what))) }
                return .failure(Stop(outcome: .lost(reason: error.reason)))
            }
        }
    }
}
