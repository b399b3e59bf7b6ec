import AsyncHTTPClient
import Host
import NIOCore
import NIOHTTP1
import Primitives

/// Reads an image from a web server: follows a few redirects, each to another http or https URL, and waits only so
/// long.
struct WebSource: Sendable {
    let group: any EventLoopGroup
    let pace: FetchPace

    private static let mostRedirects = 5
    private static let connectSeconds: Int64 = 10
    /// Without a byte.
    private static let silenceSeconds: Int64 = 60

    /// - Parameters:
    ///   - authorization: A header for the source's own origin; another one that it leads to is told nothing.
    ///   - begin: Told the announced length, where there is one, before the first byte; makes what takes the bytes.
    ///   - take: Takes the bytes in their order.
    /// - Returns: What `begin` made, when it has taken all.
    func read<Sink: Sendable>(
        _ source: String, authorization: String? = nil, begin: @Sendable (Int64?) async throws -> Sink,
        take: @Sendable (Sink, [UInt8]) async throws -> Void
    ) async throws -> Sink {
        let url = try SourceURL(source)
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(Self.connectSeconds), read: .seconds(Self.silenceSeconds)))
        configuration.httpVersion = .http1Only
        let client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
        let sink: Sink
        do {
            sink = try await read(url, authorization, with: client, begin: begin, take: take)
        } catch {
            try await client.shutdown()
            throw error
        }
        try await client.shutdown()
        return sink
    }

    private func read<Sink: Sendable>(
        _ first: SourceURL, _ authorization: String?, with client: HTTPClient,
        begin: @Sendable (Int64?) async throws -> Sink,
        take: @Sendable (Sink, [UInt8]) async throws -> Void
    ) async throws -> Sink {
        let started = SystemClock.now()
        let response = try await response(of: first, authorization, with: client)
        let announced = response.headers.first(name: "content-length").flatMap { Int64($0) }
        let sink = try await begin(announced)
        var total: Int64 = 0
        for try await chunk in response.body {
            try Task.checkCancellation()
            total += Int64(chunk.readableBytes)
            if let problem = pace.problem(bytes: total, milliseconds: SystemClock.now() - started) {
                throw AgentError(problem)
            }
            try await take(sink, Array(chunk.readableBytesView))
        }
        return sink
    }

    private func response(
        of first: SourceURL, _ authorization: String?, with client: HTTPClient
    ) async throws -> HTTPClientResponse {
        var url = first
        for _ in 0...Self.mostRedirects {
            var request = HTTPClientRequest(url: url.text)
            if let authorization, url.origin == first.origin {
                request.headers.add(name: "Authorization", value: authorization)
            }
            let response = try await client.execute(
                request, deadline: .now() + .milliseconds(pace.longestMilliseconds))
            switch response.status {
            case .ok:
                return response
            case .movedPermanently, .found, .seeOther, .temporaryRedirect, .permanentRedirect:
                guard let location = response.headers.first(name: "location") else {
                    throw AgentError("the source answered \(response.status) without saying where to")
                }
                do throws(AgentError) {
                    url = try url.resolving(location)
                } catch {
                    throw AgentError("the source leads to \"\(location.harmless(limit: 200))\": \(error)")
                }
            default:
                throw AgentError("the source answered \(response.status)")
            }
        }
        throw AgentError("the source leads on more than \(Self.mostRedirects) times")
    }
}
