import AsyncHTTPClient
import Contract
public import Mesh
import NIOCore
import NIOHTTP1
public import Primitives

/// Asks a member's bootstrap endpoint for its addresses; its answer counts only if it names a known key.
public enum BootstrapLookup {
    private static let documentBytes = 64 << 10
    private static let seconds: Int64 = 10

    /// - Parameters:
    ///   - address: `http://host:port`, with or without `/bootstrap`, or `host:port` of the endpoint.
    ///   - trusted: Keys of the cluster, from a ticket or from the operator.
    /// - Throws: If the endpoint gives no usable answer within 10 seconds, or names a key that is not among `trusted`.
    public static func target(
        at address: String, trusted: [PublicKey]
    ) async throws(AgentError) -> DialTarget {
        let url = url(for: address)
        let document: BootstrapDocument
        do {
            var request = HTTPClientRequest(url: url)
            request.headers.add(name: "Accept", value: "application/json")
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(seconds))
            guard response.status == .ok else {
                throw AgentError("\(url) answered \(response.status)")
            }
            let body = try await response.body.collect(upTo: documentBytes)
            document = try BootstrapDocument(json: Array(body.readableBytesView))
        } catch let error as AgentError {
            throw error
        } catch {
            throw AgentError("the bootstrap endpoint \(url) can't be used: \(error)")
        }
        guard trusted.contains(document.key) else {
            throw AgentError(
                "\(url) names the key \(document.key), which neither the ticket nor --expect-key names; "
                    + "plain HTTP is not believed. If you know that key: --expect-key \(document.key)")
        }
        return .key(document.key, addresses: document.addresses)
    }

    private static func url(for address: String) -> String {
        var url = address.contains("://") ? address : "http://" + address
        while url.hasSuffix("/") { url.removeLast() }
        let path = PlainPath.bootstrap.rawValue
        return url.hasSuffix(path) ? url : url + path
    }
}
