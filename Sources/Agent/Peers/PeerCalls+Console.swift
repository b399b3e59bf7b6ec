import API
import Contract
import Fleet
import Host
import Manifest
import Primitives

extension PeerCalls {
    /// A piece of a machine's console log, from the node that holds it: all of it soon, and no more than was asked for.
    func consoleLog(
        _ key: ObjectKey, on node: String, _ fleet: Fleet, offset: Int64?, limit: Int, tailLines: Int?
    ) async throws(APIStatus) -> ConsoleAnswer {
        let client = client(for: try member(node, fleet))
        var query = [("limit", String(limit))]
        if let offset { query.append(("offset", String(offset))) }
        if let tailLines { query.append(("tailLines", String(tailLines))) }
        let read = await TimedWait.result(milliseconds: answerMilliseconds) {
            [query] () -> Result<ConsoleAnswer, ClientFailure> in
            do throws(ClientFailure) {
                return .success(try await Self.piece(key, of: client, query, offset: offset ?? 0, limit: limit))
            } catch {
                return .failure(error)
            }
        }
        switch read {
        case .success(let answer)?: return answer
        case .failure(let failure)?:
            throw .unavailable("\(node) holds \(key.name) and gave no answer: \(failure)")
        case nil:
            throw .unavailable(
                "\(node) holds \(key.name) and gave no whole answer within \(answerMilliseconds) ms; try again")
        }
    }

    private static func piece(
        _ key: ObjectKey, of client: APIClient, _ query: [(String, String)], offset: Int64, limit: Int
    ) async throws(ClientFailure) -> ConsoleAnswer {
        let answer = try await client.bytes(path(key) + "/log", query: query)
        var bytes: [UInt8] = []
        let chunks = answer.makeAsyncIterator()
        while let chunk = try await chunks.next() {
            guard bytes.count + chunk.count <= limit else {
                throw .protocolViolation("more than the \(limit) bytes of a log that were asked for")
            }
            bytes += chunk
        }
        let next = answer.nextOffset ?? offset.addingClamped(Int64(bytes.count))
        return ConsoleAnswer(
            bytes: bytes, nextOffset: next, keptOffset: answer.keptOffset ?? 0, endOffset: answer.endOffset ?? next)
    }
}
