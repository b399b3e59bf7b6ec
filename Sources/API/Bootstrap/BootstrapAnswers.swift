import Contract
import Manifest
import Mesh
import NIOHTTP1
import Primitives

/// One answer of the plain port.
struct BootstrapAnswer: Sendable {
    let status: HTTPResponseStatus
    let contentType: String
    let body: [UInt8]

    init(status: HTTPResponseStatus, text: String, contentType: String = "text/plain; charset=utf-8") {
        self.status = status
        self.contentType = contentType
        body = Array(text.utf8)
    }

    /// The document, in lines for people.
    init(_ document: BootstrapDocument) {
        status = .ok
        contentType = MediaType.json
        body = document.json + [0x0a]
    }
}

/// What the plain port says.
struct BootstrapAnswers: Sendable {
    /// What the metrics are taken to need before they are rendered.
    private static let metricsBytes = 128 << 10

    let backend: any ClusterBackend
    /// Of the connection.
    let account: OutputAccount

    func answer(method: HTTPMethod, target: String) async -> BootstrapAnswer {
        guard method == .GET || method == .HEAD else {
            return BootstrapAnswer(status: .methodNotAllowed, text: "only GET and HEAD are answered here\n")
        }
        switch PlainPath(rawValue: String(target.prefix { $0 != "?" })) {
        case .bootstrap: return BootstrapAnswer(document)
        case .health: return BootstrapAnswer(status: .ok, text: "ok\n")
        case .readiness:
            switch await backend.readiness() {
            case .ready: return BootstrapAnswer(status: .ok, text: "ok\n")
            case .notReady(let reason): return BootstrapAnswer(status: .serviceUnavailable, text: "\(reason)\n")
            }
        case .metrics:
            do throws(APIStatus) {
                try account.reserve(Self.metricsBytes)
                let text = await backend.metricsText()
                try account.settle(text.utf8.count)
                return BootstrapAnswer(
                    status: .ok, text: text, contentType: "text/plain; version=0.0.4; charset=utf-8")
            } catch {
                return BootstrapAnswer(status: .serviceUnavailable, text: "\(error.message)\n")
            }
        case nil:
            let paths = PlainPath.allCases.map(\.rawValue)
            let known = paths.dropLast().joined(separator: ", ") + " and " + (paths.last ?? "")
            return BootstrapAnswer(status: .notFound, text: "no such path; there are \(known)\n")
        }
    }

    /// Who this node claims to be. A reader must know the key from elsewhere before believing it.
    private var document: BootstrapDocument {
        let node = backend.localNode
        return BootstrapDocument(
            nodeID: node.id, key: node.key, addresses: node.addresses, relayURL: nil,
            clusterID: node.clusterID.isEmpty ? nil : node.clusterID, apiVersion: KindInfo.apiVersion, name: node.name,
            version: node.version)
    }
}
