import AsyncHTTPClient
import Glibc
import Host
import Manifest
import NIOCore
import NIOHTTP1
import NIOPosix
import Primitives

/// Reads a document from a web server: a few redirects are followed, and bytes and time are bounded.
enum WebDocument {
    private static let mostRedirects = 5
    private static let connectSeconds: Int64 = 10
    /// Without a byte.
    private static let silenceSeconds: Int64 = 10
    /// From the first request to the last byte.
    private static let longestSeconds: Int64 = 60

    /// - Throws: If the answer is no document, is larger than `limit` bytes, or takes longer than a minute.
    static func read(_ url: FetchURL, limit: Int) async throws(FileFailure) -> [UInt8] {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(connectSeconds), read: .seconds(silenceSeconds)))
        configuration.httpVersion = .http1Only
        // A server that is not there is said at once.
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let result: Result<[UInt8], FileFailure>
        do {
            result = .success(try await read(url, with: client, limit: limit))
        } catch {
            result = .failure(FileFailure(path: url.text, problem: text(of: error)))
        }
        // What was read is whole: a connection that can't be closed cleanly takes nothing away from it.
        try? await client.shutdown()
        return try result.get()
    }

    private struct Problem: Error {
        let text: String
    }

    private static func read(_ first: FetchURL, with client: HTTPClient, limit: Int) async throws -> [UInt8] {
        let end = SystemClock.now() + longestSeconds * 1000
        let tooLarge = Problem(text: "it is too large: it may have \(limit) bytes")
        let response = try await response(of: first, with: client, until: end)
        let announced = response.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        guard announced <= limit else { throw tooLarge }
        var bytes: [UInt8] = []
        for try await chunk in response.body {
            try Task.checkCancellation()
            guard SystemClock.now() < end else {
                throw Problem(text: "it takes longer than \(longestSeconds) seconds")
            }
            bytes += chunk.readableBytesView
            guard bytes.count <= limit else { throw tooLarge }
        }
        return bytes
    }

    private static func response(
        of first: FetchURL, with client: HTTPClient, until end: Instant
    ) async throws -> HTTPClientResponse {
        var url = first
        for _ in 0...mostRedirects {
            var request = HTTPClientRequest(url: url.text)
            request.headers.add(name: "Accept", value: "application/json, application/yaml, */*;q=0.5")
            let response = try await client.execute(
                request, deadline: .now() + .milliseconds(max(0, end - SystemClock.now())))
            switch response.status {
            case .ok: return response
            case .movedPermanently, .found, .seeOther, .temporaryRedirect, .permanentRedirect:
                guard let location = response.headers.first(name: "location") else {
                    throw Problem(text: "it answered \(response.status) without saying where to")
                }
                let place = location.harmless(limit: 200)
                guard let next = url.resolving(location) else {
                    throw Problem(text: "it leads to \"\(place)\", which can't be fetched")
                }
                guard next.scheme == "https" || url.scheme == "http" else {
                    throw Problem(text: "it leads from https to \"\(place)\", where anyone on the way may change it")
                }
                url = next
            default: throw Problem(text: (url == first ? "it" : "\(url)") + " answered \(response.status)")
            }
        }
        throw Problem(text: "it leads on more than \(mostRedirects) times")
    }

    private static func text(of error: any Error) -> String {
        switch error {
        case let problem as Problem: problem.text
        case let lost as NIOConnectionError:
            if let reason = lost.connectionErrors.first?.error ?? lost.dnsAError ?? lost.dnsAAAAError {
                "there is no connection to \(lost.host):\(lost.port): \(reason)"
            } else {
                "there is no connection to \(lost.host):\(lost.port)"
            }
        case let lost as IOError: "it can't be fetched: \(String(cString: strerror(lost.errnoCode)))"
        case let failure as HTTPClientError: "it can't be fetched: \(failure.shortDescription)"
        default: "it can't be fetched: \(error)"
        }
    }
}
