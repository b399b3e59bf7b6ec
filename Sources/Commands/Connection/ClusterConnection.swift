public import Contract
public import JSONText
public import Primitives

/// Requests to a cluster's API over whichever of its members answers.
public protocol ClusterConnection: Sendable {
    /// Reads one document.
    ///
    /// - Parameter accept: The media type to ask for; nil asks for plain JSON.
    /// - Throws: `ClientFailure` if no member answers, or one answers with an error.
    func get(
        _ path: String, query: [(String, String)], accept: String?
    ) async throws(ClientFailure) -> JSON

    /// Asks with a body, as `get` asks without one: it changes nothing, so whichever member answers first counts.
    ///
    /// - Throws: As `get`.
    func ask(_ path: String, body: JSON) async throws(ClientFailure) -> JSON

    /// Writes.
    ///
    /// - Parameters:
    ///   - contentType: Of the body; nil for plain JSON.
    ///   - request: Of what takes effect once however often it comes; nil sends it no second time after a lost answer.
    /// - Throws: As `get`; `ClientFailure.isOutcomeUnknown` says whether it may have taken effect.
    func send(
        _ method: String, _ path: String, query: [(String, String)], body: JSON?, contentType: String?,
        request: RequestReference?
    ) async throws(ClientFailure) -> JSON

    /// A document per line, as they come: a watch. Failures end it as `ClientFailure`.
    ///
    /// - Parameter atMostMilliseconds: An answer that has not ended by then is taken for lost; nil sets no limit.
    /// - Throws: `ClientFailure` if no member begins an answer.
    func lines(
        _ path: String, query: [(String, String)], accept: String?, atMostMilliseconds: Int64?
    ) async throws(ClientFailure) -> any AsyncSequence<JSON, any Error> & Sendable

    /// Bytes as they come: a console log. Failures end it as `ClientFailure`.
    ///
    /// - Throws: `ClientFailure` if no member begins an answer.
    func bytes(
        _ path: String, query: [(String, String)]
    ) async throws(ClientFailure) -> ConsoleStream

    /// Gives up the connections. Nothing may be asked afterwards.
    func close() async
}

/// What a machine wrote to its console, as it comes.
public struct ConsoleStream: Sendable {
    /// Where in the log the bytes begin.
    public var offset: Int64
    /// Everything before this offset was dropped to bound the log.
    public var keptOffset: Int64
    /// Where the log ended when the answer began.
    public var endOffset: Int64
    public var pieces: any AsyncSequence<[UInt8], any Error> & Sendable

    public init(
        offset: Int64, keptOffset: Int64, endOffset: Int64, pieces: any AsyncSequence<[UInt8], any Error> & Sendable
    ) {
        self.offset = offset
        self.keptOffset = keptOffset
        self.endOffset = endOffset
        self.pieces = pieces
    }
}

/// Opens connections and keeps keys: the one part of the commands that knows the mesh.
public protocol ClusterAccess: Sendable {
    /// Prepares a connection; the first request opens it.
    ///
    /// - Throws: `ClientFailure.unusable` for an identity, an address or an expected key that is of no use.
    func connect(_ request: ConnectionRequest) throws(ClientFailure) -> any ClusterConnection

    /// The public key of the identity in a file, which is created with mode 0600 if it is not there and may be.
    ///
    /// - Throws: If the file is not there and may not be created, or holds no private key, or others may read it.
    func identity(at path: String, create: Bool) throws(FileFailure) -> PublicKey
}

/// The cluster to talk to, and the identity to do it with.
public struct ConnectionRequest: Sendable, Equatable {
    /// A registry file, a ticket or host:port that the user named; nil for the members of a context.
    public var address: String?
    /// Where it was named, for error messages: `--addr` or `BLIXARD_NODE_ADDR`.
    public var addressOrigin: String
    /// The caller's private key.
    public var identityPath: String
    /// A key that the caller vouches for.
    public var expectedKey: PublicKey?
    /// Members that a context knows, with their keys.
    public var members: [ContextMember]

    public init(
        address: String?, addressOrigin: String, identityPath: String, expectedKey: PublicKey?,
        members: [ContextMember]
    ) {
        self.address = address
        self.addressOrigin = addressOrigin
        self.identityPath = identityPath
        self.expectedKey = expectedKey
        self.members = members
    }
}
