public import Fleet
public import Manifest
public import Primitives

/// Which commit of a Git repository is meant.
public enum SourceReference: Equatable, Sendable {
    /// The branch that the remote's `HEAD` names.
    case head
    case branch(String)
    case tag(String)
    /// The commit's full name, in hexadecimal digits.
    case commit(String)
}

/// Where manifests are, as a GitRepository says it.
public struct SourceLocation: Equatable, Sendable {
    /// `https`, `http`, `ssh`, `git` or `file`, `USER@HOST:PATH`, or an absolute path.
    public var url: String
    public var reference: SourceReference
    /// The directory inside of the repository; `.` is all of it.
    public var path: String
    /// Public keys in the form of OpenSSH, of which one must have signed the commit; empty if none needs to.
    public var verifyKeys: [String]
    /// Where the credentials are; nil if the server asks for none.
    public var auth: SourceAuth?

    public init(
        url: String, reference: SourceReference, path: String, verifyKeys: [String] = [], auth: SourceAuth? = nil
    ) {
        self.auth = auth
        self.url = url
        self.reference = reference
        self.path = path
        self.verifyKeys = verifyKeys
    }
}

/// The Secret whose values prove that a source may be read, and the keys of these values in it.
public struct SourceAuth: Equatable, Sendable {
    public var secret: ObjectKey
    public var usernameKey: String
    /// Of a password or token.
    public var passwordKey: String
    /// Of a private key in the form of OpenSSH.
    public var identityKey: String
    /// Of the lines of `known_hosts` that the server's key must be among.
    public var knownHostsKey: String

    public init(_ auth: SecretAuth) {
        secret = auth.secret
        usernameKey = auth.key(of: .username)
        passwordKey = auth.key(of: .password)
        identityKey = auth.key(of: .identity)
        knownHostsKey = auth.key(of: .knownHosts)
    }
}

/// One fetch that the leader wants.
public struct SourceOrder: Equatable, Sendable {
    /// Of the GitRepository object.
    public var key: ObjectKey
    public var uid: UID
    /// Of the object whose spec the order was made from. An answer to an older one is not used.
    public var generation: UInt64
    public var location: SourceLocation
    /// The commit whose documents the leader still has: if it is the newest, they are not read again.
    public var knownCommit: String?
    /// Drawn at random for each order, so that the answer to an earlier one is told from the answer to this one.
    public var number: UInt64

    public init(
        key: ObjectKey, uid: UID, generation: UInt64, location: SourceLocation, knownCommit: String?, number: UInt64 = 0
    ) {
        self.key = key
        self.uid = uid
        self.generation = generation
        self.location = location
        self.knownCommit = knownCommit
        self.number = number
    }
}

/// What came of a fetch.
public enum SourceAnswer: Equatable, Sendable {
    /// The newest commit is the known one.
    case same
    case content(SourceContent)
    case failed(SourceFailure)
}

/// The documents of one commit, all of them read and checked.
public struct SourceContent: Equatable, Sendable {
    /// Its full name, in hexadecimal digits.
    public var commit: String
    /// The author's name, from the repository: untrusted text.
    public var author: String
    /// The first line of its message: untrusted text.
    public var subject: String
    /// One put for each document, never none.
    public var mutations: [Mutation]

    public init(commit: String, author: String, subject: String, mutations: [Mutation]) {
        self.commit = commit
        self.author = author
        self.subject = subject
        self.mutations = mutations
    }
}

/// Why a fetch brought no documents. It is never the same as a commit without documents.
public struct SourceFailure: Equatable, Sendable, Error {
    public enum Reason: String, Equatable, Sendable, CaseIterable {
        /// The repository, or what is asked for in it, could not be fetched. Trying again may help.
        case fetchFailed = "FetchFailed"
        /// A commit came, and its documents can't be used. Only another commit helps.
        case badCommit = "BadCommit"
    }

    public var reason: Reason
    /// The commit that can't be used; nil if none came.
    public var commit: String?
    /// What failed and where, with file and line if it is a document's fault. At most 1,024 bytes, and harmless.
    public var message: String

    public init(reason: Reason, commit: String?, message: String) {
        self.reason = reason
        self.commit = commit
        self.message = message
    }
}
