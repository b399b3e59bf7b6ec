import Fleet
import Manifest
import Primitives
import Reconcile
import Sealing

/// Secrets as a node can open them at a moment: what credentials are taken from.
struct OpenedSecrets: Sendable {
    let fleet: Fleet
    let keyring: Keyring

    var sealer: SecretSealer { SecretSealer(keyring: keyring, current: fleet.secretsKey) }

    /// The values of a Secret.
    ///
    /// - Throws: A sentence that names the Secret, for one that is not there or can't be opened here.
    func values(of key: ObjectKey) throws(CredentialProblem) -> [String: [UInt8]] {
        guard let secret = fleet[key] else {
            throw CredentialProblem(message: "there is no Secret \(key.namespace)/\(key.name)")
        }
        do throws(SealingFailure) {
            return try sealer.open(try SecretSpec(stored: secret), of: key)
        } catch {
            throw CredentialProblem(message: "\(error)")
        }
    }
}

/// The values of one Secret, and what is said of one that is missing.
struct CredentialValues {
    let secret: ObjectKey
    let values: [String: [UInt8]]

    /// Without the line feed that a file ends with from which the Secret was made.
    static func withoutLineFeed(_ text: String) -> String { text.hasSuffix("\n") ? String(text.dropLast()) : text }

    /// The text under a key; nil if there is none.
    ///
    /// - Throws: For bytes that are no text.
    func optionalText(_ key: String) throws(CredentialProblem) -> String? {
        guard let bytes = values[key] else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CredentialProblem(message: "\(key) of Secret \(secret.namespace)/\(secret.name) is no text")
        }
        return text
    }

    /// - Throws: Also if there is none.
    func text(_ key: String) throws(CredentialProblem) -> String {
        guard let text = try optionalText(key) else {
            throw CredentialProblem(
                message: "Secret \(secret.namespace)/\(secret.name) has no value under the key \(key)")
        }
        return text
    }
}

/// Why there are no credentials, in a sentence without any value.
struct CredentialProblem: Error, Equatable {
    let message: String
}

extension OpenedSecrets {
    /// The header `Authorization` that an image's source is sent: a bearer token (RFC 6750), or else a user and a
    /// password (RFC 7617).
    ///
    /// - Throws: For a Secret or value that is not there, and for values that no header may hold.
    func authorization(_ auth: SecretAuth) throws(CredentialProblem) -> String {
        let values = CredentialValues(secret: auth.secret, values: try values(of: auth.secret))
        if let token = try values.optionalText(auth.key(of: .token)) {
            let word = CredentialValues.withoutLineFeed(token)
            guard !word.isEmpty, word.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
                throw CredentialProblem(message: "the token has signs that no header may hold")
            }
            return "Bearer " + word
        }
        let user = try values.text(auth.key(of: .username))
        let password = try values.text(auth.key(of: .password))
        guard !user.contains(":") else { throw CredentialProblem(message: "a user's name may not have a colon") }
        return "Basic " + Base64.encode("\(user):\(password)".utf8)
    }
}
