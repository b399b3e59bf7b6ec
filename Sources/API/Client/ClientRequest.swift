import Contract
import NIOCore
import NIOHTTP1

/// One request as the client sends it, to whichever endpoint.
struct ClientRequest: Sendable {
    let method: String
    let path: String
    let query: [(String, String)]
    let accept: String
    var headers: [(String, String)] = []
    var contentType: String?
    var body: [UInt8] = []

    var head: HTTPRequestHead {
        let target = query.isEmpty ? path : "\(path)?\(QueryItems.encode(query))"
        // Every node's certificate carries this name, whatever its address.
        var fields: HTTPHeaders = ["Host": "blixard.internal", "Accept": accept, "User-Agent": "blixard"]
        for (name, value) in headers { fields.add(name: name, value: value) }
        if let contentType { fields.add(name: "Content-Type", value: contentType) }
        if method != "GET" { fields.add(name: "Content-Length", value: String(body.count)) }
        return HTTPRequestHead(version: .http1_1, method: HTTPMethod(rawValue: method), uri: target, headers: fields)
    }
}
