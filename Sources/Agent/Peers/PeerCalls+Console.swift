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
        let query = LogQuery(offset: offset, limit: Int64(limit), tailLines: tailLines.map { Int64($0) })
        let read = await TimedWait.result(milliseconds: answerMilliseconds) {
            () -> Result<ConsoleAnswer, ClientFailure> in
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
        _ key: ObjectKey, of client: APIClient, _ query: LogQuery, offset: Int64, limit: Int
    ) async throws(ClientFailure) -> ConsoleAnswer {
        let answer = try await client.bytes(OwnPath.log(of: key).text, query: query.items)
        var bytes: [UInt8] = []
        let chunks = answer.makeAsyncIterator()
        while let chunk = try await chunks.next() {
            guard bytes.count + chunk.count <= limit else {
                throw .protocolViolation("more than the \(limit) bytes of a log that were asked for")
            }
            bytes += chunk
        }
        let position = answer.position
        let next = position.nextOffset ?? offset.addingClamped(Int64(bytes.count))
        return ConsoleAnswer(
            bytes: bytes, nextOffset: next, keptOffset: position.keptOffset ?? 0, endOffset: position.endOffset ?? next)
    }
}
