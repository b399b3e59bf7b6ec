import Manifest
import Reconcile

extension GitCredentials {
    /// The credentials that a repository's `auth` names, in the form that its URL asks for.
    ///
    /// - Throws: For a Secret or value that is not there, and for a URL that takes no credentials.
    init(_ auth: SourceAuth, for url: String, in secrets: OpenedSecrets) throws(CredentialProblem) {
        let values = CredentialValues(secret: auth.secret, values: try secrets.values(of: auth.secret))
        if url.hasPrefix("https://") || url.hasPrefix("http://") {
            self = .password(
                // A server that takes a token alone passes the user over.
                user: try values.optionalText(auth.usernameKey) ?? "git",
                password: CredentialValues.withoutLineFeed(try values.text(auth.passwordKey)))
        } else if url.hasPrefix("ssh://") || (!url.contains("://") && !url.hasPrefix("/")) {
            self = .ssh(
                privateKey: try values.text(auth.identityKey), knownHosts: try values.text(auth.knownHostsKey))
        } else {
            throw CredentialProblem(message: "auth is for https, http and ssh URLs")
        }
    }
}
