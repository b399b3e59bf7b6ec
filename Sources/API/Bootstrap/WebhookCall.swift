import Contract
import Crypto
import Fleet
import Manifest
import NIOHTTP1
import Primitives
import Sealing

/// A call by which a repository's server says that something was pushed.
///
/// The plain port hears everyone, so a call proves itself: by a signature of its body, as GitHub, Gitea and Forgejo send
/// it, or by the text itself, as GitLab does. What it says beside that is not read: it starts a fetch, and no more.
struct WebhookCall: Sendable {
    /// The name of the GitRepository.
    let source: String
    let headers: HTTPHeaders
    let body: [UInt8]

    /// The most bytes of a body.
    static let largestBody = 1 << 20
    private static let path = "/webhooks/git/"

    /// The name of the repository that a path is the webhook of; nil for other paths.
    static func source(of target: String) -> String? {
        let path = target.prefix { $0 != "?" }
        guard path.hasPrefix(Self.path) else { return nil }
        let name = path.dropFirst(Self.path.count)
        return NameRules.labelProblem(String(name)) == nil ? String(name) : nil
    }

    /// Whether the call proves that its sender knows the text. Takes the same time whatever is wrong.
    func isProved(by text: [UInt8]) -> Bool {
        guard !text.isEmpty else { return false }
        if let signature = headers.first(name: "X-Hub-Signature-256") {
            let prefix = "sha256="
            guard signature.hasPrefix(prefix), let bytes = Hex.decode(String(signature.dropFirst(prefix.count))) else {
                return false
            }
            return HMAC<SHA256>.isValidAuthenticationCode(
                bytes, authenticating: body, using: SymmetricKey(data: text))
        }
        guard let token = headers.first(name: "X-Gitlab-Token") else { return false }
        // Digests are compared in constant time.
        return SHA256.hash(data: Array(token.utf8)) == SHA256.hash(data: text)
    }
}

extension BootstrapAnswers {
    /// Has the leader fetch the repository, if the call proves itself.
    func answer(_ call: WebhookCall) async -> BootstrapAnswer {
        let key = KindInfo.gitRepository.key(namespace: "", name: call.source)
        guard let object = backend.appliedObject(key),
            // A spec of a newer program says nothing here.
            let webhook = (try? GitRepositorySpec(canonical: object.spec))?.webhook
        else { return BootstrapAnswer(status: .notFound, text: "there is no such webhook\n") }
        let values: [String: [UInt8]]
        do throws(SealingFailure) {
            guard let secret = backend.appliedObject(webhook.secret) else {
                return BootstrapAnswer(
                    status: .serviceUnavailable, text: "the Secret that proves calls of this webhook is missing\n")
            }
            values = try backend.sealer.open(try SecretSpec(stored: secret), of: webhook.secret)
        } catch {
            return BootstrapAnswer(
                status: .serviceUnavailable, text: "the Secret that proves calls can't be opened on this node\n")
        }
        guard let text = values[webhook.key], call.isProved(by: Self.withoutLineFeed(text)) else {
            return BootstrapAnswer(
                status: .unauthorized,
                text: "the call proves nothing: it needs X-Hub-Signature-256 over its body, or X-Gitlab-Token\n")
        }
        var generator = SystemRandomNumberGenerator()
        do throws(APIStatus) {
            _ = try await backend.reconcile(source: call.source, request: .random(using: &generator), author: nil)
        } catch {
            return BootstrapAnswer(
                status: HTTPResponseStatus(statusCode: error.reason.code), text: "\(error.message)\n")
        }
        return BootstrapAnswer(status: .accepted, text: "the repository is fetched\n")
    }

    /// A file that was made into a Secret often ends with one.
    private static func withoutLineFeed(_ text: [UInt8]) -> [UInt8] { text.last == 0x0a ? text.dropLast() : text }
}
