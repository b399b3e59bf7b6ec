import Contract
import HTTPTypes
import Hummingbird
import JSONText
import NIOCore

extension Response {
    /// Bytes that are JSON already.
    static func json(_ bytes: [UInt8], status: HTTPResponse.Status = .ok, type: String = MediaType.json) -> Response {
        Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    static func json(_ json: JSON, status: HTTPResponse.Status = .ok, type: String = MediaType.json) -> Response {
        var bytes: [UInt8] = []
        json.appendCompact(to: &bytes)
        return .json(bytes, status: status, type: type)
    }

    static func json(_ answer: some AnswerBody, status: HTTPResponse.Status = .ok) -> Response {
        json(answer.json, status: status)
    }

    static func status(_ status: APIStatus) -> Response {
        var response = json(status.json, status: HTTPResponse.Status(code: status.reason.code))
        if let seconds = status.retryAfterSeconds { response.headers[.retryAfter] = String(seconds) }
        return response
    }
}
