import Contract
import Crypto
import Fleet
import Manifest
import NIOHTTP1
import Primitives
import Sealing
import Testing

@testable import API

@Suite("Calls of webhooks")
struct WebhookTests {
    private static let body = Array(#"{"ref":"refs/heads/main"}"#.utf8)

    private static func signature(_ text: String, of body: [UInt8] = body) -> String {
        "sha256="
            + Hex.encode(
                HMAC<SHA256>.authenticationCode(for: body, using: SymmetricKey(data: Array(text.utf8))).map { $0 })
    }

    private func call(_ headers: HTTPHeaders, source: String = "infra", body: [UInt8] = body) -> WebhookCall {
        WebhookCall(source: source, headers: headers, body: body)
    }

    @Test("a call is proved by the signature of its body or by the text itself, and by nothing else")
    func proof() {
        let text = Array("correct-horse".utf8)
        let good = Self.signature("correct-horse")
        #expect(call(["X-Hub-Signature-256": good]).isProved(by: text))
        #expect(call(["x-gitlab-token": "correct-horse"]).isProved(by: text))
        for headers: HTTPHeaders in [
            [:], ["X-Gitlab-Token": ""], ["X-Gitlab-Token": "correct-horsf"], ["X-Gitlab-Token": "correct-horse "],
            ["X-Hub-Signature-256": ""], ["X-Hub-Signature-256": "sha256="], ["X-Hub-Signature-256": "sha1=00"],
            ["X-Hub-Signature-256": String(good.dropLast())], ["X-Hub-Signature-256": String(good.dropLast(2)) + "zz"],
            ["X-Hub-Signature-256": Self.signature("wrong")],
            // A wrong signature is not made good by the text beside it.
            ["X-Hub-Signature-256": Self.signature("wrong"), "X-Gitlab-Token": "correct-horse"],
            ["X-Hub-Signature": good], ["Authorization": "correct-horse"],
        ] {
            #expect(!call(headers).isProved(by: text), "\(headers)")
        }
        #expect(!call(["X-Hub-Signature-256": good], body: Self.body + [0x20]).isProved(by: text))
        // An empty text proves nothing, not even to itself.
        #expect(!call(["X-Gitlab-Token": ""]).isProved(by: []))
        #expect(!call(["X-Hub-Signature-256": Self.signature("")]).isProved(by: []))
    }

    @Test(
        "the path names a repository",
        arguments: [
            ("/webhooks/git/infra", "infra"), ("/webhooks/git/infra?x=y", "infra"), ("/webhooks/git/", nil),
            ("/webhooks/git/a/b", nil), ("/webhooks/git/../x", nil), ("/webhooks/git", nil),
            ("/webhooks/GIT/infra", nil),
            ("/webhooks/git/In", nil), ("/bootstrap", nil),
        ])
    func path(target: String, name: String?) {
        #expect(WebhookCall.source(of: target) == name)
    }
}
