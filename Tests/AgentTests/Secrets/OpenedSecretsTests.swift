import Fleet
import JSONText
import Manifest
import Primitives
import Reconcile
import Sealing
import Testing

@testable import Agent

@Suite("Credentials from Secrets")
struct OpenedSecretsTests {
    private static let key = SealingKey.random(version: 1)
    private static let name = ObjectKey(kind: "Secret", namespace: "ops", name: "s")

    /// A cluster with the Secret `ops/s` of these values.
    private static func secrets(_ values: [String: String], keyring: Keyring = Keyring([key])) throws -> OpenedSecrets {
        var fleet = Fleet()
        let member = try #require(PublicKey([UInt8](repeating: 1, count: 32)))
        let spec = try SecretSealer(keyring: Keyring([key]), current: key.record)
            .seal(SecretSpec(data: values.mapValues { Array($0.utf8) }), of: name)
        let put = Put(
            key: name, labels: [:], annotations: [:], spec: spec.json.canonicalBytes, precondition: .none,
            requiredNode: nil)
        let commands: [Command] = [
            .bootstrap(
                Bootstrap(
                    clusterID: "c", member: .init(id: 1, name: nil, key: member, addresses: []), adminKey: member,
                    adminName: "a", secretsFingerprint: key.record.fingerprint)),
            .write(WriteCommand(request: RequestID(high: 1, low: 1), baseRevision: 0, mutations: [.put(put)])),
        ]
        for (index, command) in commands.enumerated() {
            let outcome = fleet.apply(
                CommandEnvelope(stamp: WallTime(milliseconds: 1), author: member, command: command),
                index: UInt64(index + 1))
            if case .refused(let refusals) = outcome { Issue.record("\(refusals)") }
        }
        return OpenedSecrets(fleet: fleet, keyring: keyring)
    }

    private static let auth = SecretAuth(secret: "s", namespace: "ops")
    private static func source(_ auth: SecretAuth = auth) -> SourceAuth { SourceAuth(auth) }

    @Test("an image's source is sent a token, or else a user and a password")
    func header() throws {
        #expect(try Self.secrets(["token": "abc\n", "username": "u"]).authorization(Self.auth) == "Bearer abc")
        #expect(
            try Self.secrets(["username": "u", "password": "p:ü"]).authorization(Self.auth)
                == "Basic " + Base64.encode("u:p:ü".utf8))
        for (values, part) in [
            (["token": "a\r\nX-Evil: 1"], "no header may hold"), (["token": ""], "no header may hold"),
            (["username": "u"], "no value under the key password"),
            (["username": "a:b", "password": "p"], "may not have a colon"),
        ] {
            let problem = #expect(throws: CredentialProblem.self) { try Self.secrets(values).authorization(Self.auth) }
            #expect(problem?.message.contains(part) == true, "\(problem as Any)")
        }
    }

    @Test("git is given what its URL asks for")
    func git() throws {
        let web = try Self.secrets(["password": "t0ken\n"])
        #expect(
            try GitCredentials(Self.source(), for: "https://git.example/x", in: web)
                == .password(user: "git", password: "t0ken"))
        let ssh = try Self.secrets(["identity": "KEY", "known_hosts": "HOSTS"])
        for url in ["ssh://git@git.example/x", "git@git.example:x"] {
            #expect(
                try GitCredentials(Self.source(), for: url, in: ssh) == .ssh(privateKey: "KEY", knownHosts: "HOSTS"))
        }
        for url in ["file:///x", "/x", "git://git.example/x"] {
            #expect(throws: CredentialProblem.self) { try GitCredentials(Self.source(), for: url, in: web) }
        }
        // Without known hosts no server is spoken to.
        let half = try Self.secrets(["identity": "KEY"])
        #expect(throws: CredentialProblem.self) {
            try GitCredentials(Self.source(), for: "ssh://git@git.example/x", in: half)
        }
    }

    @Test("a Secret that is not there, or that no key of the node opens, is named")
    func missing() throws {
        let other = SecretAuth(secret: "t", namespace: "ops")
        let missing = #expect(throws: CredentialProblem.self) {
            try Self.secrets(["token": "a"]).authorization(other)
        }
        #expect(missing?.message == "there is no Secret ops/t")
        let closed = #expect(throws: CredentialProblem.self) {
            try Self.secrets(["token": "hunter2"], keyring: Keyring()).authorization(Self.auth)
        }
        #expect(closed?.message.contains("token of Secret ops/s is sealed by key 1") == true)
    }
}
