import API
import Contract
import DriverPort
import Fleet
import Hypervisor
import Manifest
import Mesh
import Primitives
import Replica

// What machines printed: pieces of their logs, read where the machine is. However long a log is, one piece is in
// memory.
extension AgentBackend {
    func consoleLog(
        _ key: ObjectKey, offset: Int64?, limit: Int, tailLines: Int?, author: PublicKey
    ) async throws(APIStatus) -> ConsoleAnswer {
        let fleet = try await view(.stale).fleet
        switch MachineRoute.ofLog(of: key, by: author, at: localNode.name, in: fleet) {
        case .here(let object):
            do throws(MachineFailure) {
                return try await console(object.uid, offset: offset, limit: limit, tailLines: tailLines)
            } catch {
                throw .unavailable("the log of \(key.name): \(error.message)")
            }
        case .ask(let node):
            return try await peers.consoleLog(key, on: node, fleet, offset: offset, limit: limit, tailLines: tailLines)
        case .disagreed(let node): throw disagreed(key, node)
        case .missing: throw APIStatus.notFound(key)
        case .undecided: throw .unavailable("\(key.name) is on no node yet; ask again in a moment")
        case .unbound(let why): throw APIStatus(.badRequest, why)
        }
    }

    private func console(
        _ uid: UID, offset: Int64?, limit: Int, tailLines: Int?
    ) async throws(MachineFailure) -> ConsoleAnswer {
        var start = offset ?? 0
        if let tailLines, offset == nil { start = try await tailOffset(uid, lines: tailLines) }
        let chunk = try await core.driver.consoleLog(uid, offset: start, limit: limit)
        return ConsoleAnswer(
            bytes: chunk.bytes, nextOffset: chunk.nextOffset, keptOffset: chunk.truncatedBefore,
            endOffset: chunk.endOffset)
    }

    private static let tailPieceBytes = 1 << 16

    /// Where the last lines begin, found by reading backwards from the end.
    private func tailOffset(_ uid: UID, lines: Int) async throws(MachineFailure) -> Int64 {
        var piece = try await core.driver.consoleLog(uid, offset: 0, limit: 0)
        var search = TailSearch(lines: lines, end: piece.endOffset)
        while let range = search.wanted(from: piece.truncatedBefore, pieceBytes: Self.tailPieceBytes) {
            piece = try await core.driver.consoleLog(
                uid, offset: range.lowerBound, limit: Int(range.upperBound - range.lowerBound))
            search.take(piece.bytes, at: piece.nextOffset.subtractingClamped(Int64(piece.bytes.count)))
        }
        return search.start
    }
}
