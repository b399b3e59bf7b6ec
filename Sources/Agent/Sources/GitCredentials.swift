import Host
import Primitives
import Reconcile

/// With what a node proves to a repository's server that it may read there.
enum GitCredentials: Equatable, Sendable {
    /// A private key in the form of OpenSSH, without a passphrase, and the lines of `known_hosts` that the server's own
    /// key must be among.
    case ssh(privateKey: String, knownHosts: String)
    /// For http and https; a token is a password, and its server says with which user.
    case password(user: String, password: String)

    /// What messages never repeat.
    var secrets: [String] {
        switch self {
        case .ssh: []
        case .password(user: _, let password): [password]
        }
    }
}

/// The files that git and ssh read credentials and keys from. They are there as long as one fetch runs.
///
/// No secret stands in a program's arguments or environment, which every process of the host may read.
struct GitCredentialFiles: Sendable {
    /// Below the directory in which git runs. Paths from there on have no signs that ssh or a shell reads as others.
    static let directory = "credentials"
    static let signers = directory + "/signers"
    private static let key = directory + "/key"
    private static let knownHosts = directory + "/known_hosts"
    private static let answer = directory + "/answer"

    /// How ssh is run: with nothing of the user that the node runs as, neither keys nor known hosts.
    let sshCommand: String
    /// Settings for git.
    let settings: [String]

    /// Writes the files.
    ///
    /// - Parameter directory: In which git runs.
    /// - Throws: If the credentials are none for this address, or can't be written.
    init(_ credentials: GitCredentials?, for address: GitAddress, in directory: String) throws(SourceFailure) {
        var ssh = [
            "ssh", "-F", "/dev/null", "-oBatchMode=yes", "-oStrictHostKeyChecking=yes", "-oIdentitiesOnly=yes",
            "-oIdentityAgent=none", "-oGlobalKnownHostsFile=/dev/null", "-oUserKnownHostsFile=\(Self.knownHosts)",
            "-oForwardAgent=no", "-oControlMaster=no", "-oConnectTimeout=20",
        ]
        var settings: [String] = []
        var files: [(String, String)] = [(Self.knownHosts, "")]
        switch credentials {
        case nil: ssh += ["-oIdentityFile=none"]
        case .ssh(let privateKey, let knownHosts):
            ssh += ["-oIdentityFile=\(Self.key)"]
            files = [(Self.key, Self.terminated(privateKey)), (Self.knownHosts, Self.terminated(knownHosts))]
        case .password(let user, let password):
            guard let origin = address.webOrigin else {
                throw .fetchFailed("a user and a token are for http and https URLs; ssh needs a private key")
            }
            guard !(user + password).utf8.contains(where: { $0 < 0x20 }) else {
                throw .fetchFailed("the user or the token has a control character in it, such as the end of a line")
            }
            files.append((Self.answer, "username=\(user)\npassword=\(password)\n"))
            // For this server alone: one that it redirects to is told nothing.
            settings = ["credential.\(origin).helper=!f() { test \"$1\" = get && cat \(Self.answer); }; f"]
        }
        sshCommand = ssh.joined(separator: " ")
        self.settings = settings
        do throws(DiskError) {
            try DurableFile.createDirectory(directory + "/" + Self.directory)
            for (name, text) in files {
                try DurableFile.write(Array(text.utf8), to: directory + "/" + name, mode: 0o600)
            }
        } catch {
            throw .fetchFailed("the files of the credentials can't be written: \(error)")
        }
    }

    private static func terminated(_ text: String) -> String { text.hasSuffix("\n") ? text : text + "\n" }
}
