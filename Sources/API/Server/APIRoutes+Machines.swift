import Contract
import HTTPTypes
import Host
import Hummingbird
import JSONText
import Manifest
import NIOCore

extension APIRoutes {
    /// The most bytes of a log that are in memory at once.
    private static let largestLogPiece: Int64 = 4 << 20

    /// Starts or restarts a machine, or says why nothing is done.
    func perform(_ verb: MachineVerb, _ request: Request, _ context: APIContext) async throws -> Response {
        let key = try machineKey(context)
        return .json(MachineVerbAnswer(outcome: try await backend.perform(verb, on: key, author: context.peer)))
    }

    /// Raw bytes of a machine's console, piece by piece: with `limit` one piece, else all of it to the end that it has
    /// now, and as it grows if the client follows.
    func log(_ request: Request, _ context: APIContext) async throws -> Response {
        let key = try machineKey(context)
        let query = LogQuery(try query(request))
        let tail = query.tailLines.map { Int(clamping: $0) }
        let onePiece = query.limit
        let most = query.limitBytes ?? .max
        let isFollowed = query.follow
        // A log that is not bounded to one piece comes in as many as it takes.
        let isPiece = onePiece != nil && !isFollowed
        let largest = isPiece ? Self.largestLogPiece : Int64(limits.pieceBytes)
        let pieceBytes = min(onePiece ?? largest, largest, most)
        if !isFollowed { try context.output.reserve(Int(clamping: pieceBytes)) }
        let first = try await logPiece(
            key, offset: query.offset, limit: pieceBytes, tailLines: tail, context)
        // What is printed meanwhile is for the next request, so that the answer to this one ends.
        let last = isFollowed ? Int64.max : max(first.nextOffset, first.endOffset)
        let (sum, overflows) = first.offset.addingReportingOverflow(most)
        let end = isPiece ? first.nextOffset : min(last, overflows ? .max : sum)
        var headers: HTTPFields = [
            .contentType: "text/plain; charset=utf-8", .cacheControl: "no-store",
        ]
        let position = LogPosition(
            offset: first.offset, nextOffset: isFollowed ? first.nextOffset : end, keptOffset: first.keptOffset,
            endOffset: first.endOffset)
        for (name, value) in position.headers { headers[name.field] = value }
        guard isFollowed || first.nextOffset < end else {
            return Response(
                status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: first.bytes)))
        }
        headers[.connection] = "close"
        headers[.trailer] = HeaderName.status.field.canonicalName
        return Response(
            status: .ok, headers: headers,
            body: follow(request, context) { writer in
                try await write(first, of: key, to: end, isFollowed: isFollowed, by: &writer, context)
            })
    }

    /// Writes a piece and those that follow it; why it ends early, if it does.
    private func write(
        _ first: ConsoleAnswer, of key: ObjectKey, to end: Int64, isFollowed: Bool,
        by writer: inout any ResponseBodyWriter, _ context: APIContext
    ) async throws -> APIStatus? {
        var piece = first
        // The head goes out at once, also before a silent guest's first byte.
        try await writer.write(ByteBuffer(bytes: piece.bytes))
        while piece.nextOffset < end, !stop.isStopped, !Task.isCancelled {
            if piece.bytes.isEmpty {
                // The log is shorter than it was: there is no more to come.
                guard isFollowed else { return nil }
                let pause = limits.logPollMilliseconds
                // Over early, because the node ends or the task is cancelled: the loop ends.
                await TimedWait.result(milliseconds: pause) { await stop.wait() }
            }
            let position = piece.nextOffset
            do throws(APIStatus) {
                piece = try await logPiece(
                    key, offset: position, limit: min(Int64(limits.pieceBytes), end - position), tailLines: nil, context
                )
            } catch {
                // The machine was deleted, or its node is silent: not a broken connection.
                return error
            }
            guard piece.bytes.isEmpty || piece.offset == position else {
                return APIStatus(
                    .expired,
                    "the log of \(key.name) dropped its bytes \(position) to \(piece.offset) before they were read; "
                        + "ask again for what is kept")
            }
            if !piece.bytes.isEmpty { try await writer.write(ByteBuffer(bytes: piece.bytes)) }
        }
        guard isFollowed || piece.nextOffset >= end else {
            return APIStatus(.serviceUnavailable, "this node ends before all of the log was sent; ask again")
        }
        return nil
    }

    private func logPiece(
        _ key: ObjectKey, offset: Int64?, limit: Int64, tailLines: Int?, _ context: APIContext
    ) async throws(APIStatus) -> ConsoleAnswer {
        return try await backend.consoleLog(
            key, offset: offset, limit: Int(min(max(0, limit), Self.largestLogPiece)), tailLines: tailLines,
            author: context.peer)
    }

    private func machineKey(_ context: APIContext) throws(APIStatus) -> ObjectKey {
        guard let namespace = context.value(of: .namespace), let name = context.value(of: .name) else {
            throw APIStatus(.notFound, "the server could not find the requested resource")
        }
        return KindInfo.virtualMachine.key(namespace: namespace, name: name)
    }
}
