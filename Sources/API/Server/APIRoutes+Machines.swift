import HTTPTypes
import Hummingbird
import JSONText
import Manifest
import NIOCore

extension APIRoutes {
    /// The most bytes of a log in one answer, and in one piece of a followed one.
    private static let largestLogPiece: Int64 = 4 << 20
    private static let usualLogPiece: Int64 = 1 << 20

    func restart(_ request: Request, _ context: APIContext) async throws -> Response {
        let key = try machineKey(context)
        do throws(BackendFailure) {
            try await backend.restart(key, author: context.peer)
        } catch {
            throw APIStatus(error)
        }
        return .json(["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success"])
    }

    /// Raw bytes of a machine's console, and as they come if the client follows.
    func log(_ request: Request, _ context: APIContext) async throws -> Response {
        let key = try machineKey(context)
        let query = try query(request)
        let tail = query.number(.tailLines).map { Int(clamping: $0) }
        let follows = query.isTrue(.follow)
        let wanted = query.number(.limit) ?? Self.usualLogPiece
        // A followed log comes in as many pieces as it takes.
        let limit = follows ? min(wanted, Int64(limits.pieceBytes)) : wanted
        let first = try await logPiece(key, offset: query.number(.offset), limit: limit, tailLines: tail, context)
        var headers: HTTPFields = [
            .contentType: "text/plain; charset=utf-8", .cacheControl: "no-store",
            .blixardNextOffset: String(first.nextOffset),
        ]
        guard follows else {
            return Response(
                status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: first.bytes)))
        }
        headers[.connection] = "close"
        headers[.trailer] = HTTPField.Name.blixardStatus.canonicalName
        return Response(
            status: .ok, headers: headers,
            body: follow(request) { writer in
                var piece = first
                // The head goes out at once, also before a silent guest's first byte.
                try await writer.write(ByteBuffer(bytes: piece.bytes))
                while !stop.isStopped, !Task.isCancelled {
                    if piece.bytes.isEmpty {
                        let pause = limits.logPollMilliseconds
                        // Cancelled: the loop ends.
                        _ = await stop.race { try? await Task.sleep(for: .milliseconds(pause)) }
                    }
                    do throws(APIStatus) {
                        piece = try await logPiece(
                            key, offset: piece.nextOffset, limit: limit, tailLines: nil, context)
                    } catch {
                        // The machine was deleted, or its node is silent: not a broken connection.
                        return error
                    }
                    if !piece.bytes.isEmpty { try await writer.write(ByteBuffer(bytes: piece.bytes)) }
                }
                return nil
            })
    }

    private func machineKey(_ context: APIContext) throws(APIStatus) -> ObjectKey {
        guard let namespace = context.parameters.get("namespace"), let name = context.parameters.get("name") else {
            throw APIStatus(.notFound, "the server could not find the requested resource")
        }
        return KindInfo.virtualMachine.key(namespace: namespace, name: name)
    }

    private func logPiece(
        _ key: ObjectKey, offset: Int64?, limit: Int64, tailLines: Int?, _ context: APIContext
    ) async throws(APIStatus) -> ConsoleAnswer {
        do throws(BackendFailure) {
            return try await backend.consoleLog(
                key, offset: offset, limit: Int(min(max(1, limit), Self.largestLogPiece)), tailLines: tailLines,
                author: context.peer)
        } catch {
            throw APIStatus(error)
        }
    }
}
