public import Primitives

/// A node as a client may reach it.
public struct Endpoint: Hashable, Sendable {
    /// The key that the node must show; nil accepts any key, as a first contact that checks it elsewhere.
    public var key: PublicKey?
    /// Of the mesh port, `host:port`, tried in order.
    public var addresses: [String]
    public var name: String?

    public init(key: PublicKey?, addresses: [String], name: String?) {
        self.key = key
        self.addresses = addresses
        self.name = name
    }

    /// What errors call it.
    public var label: String { name ?? addresses.first ?? key?.short ?? "unnamed endpoint" }
}

/// How long a client waits.
public struct ClientTimeouts: Equatable, Sendable {
    /// For TCP and TLS to one endpoint while there are others to try; ten times as long when there are none.
    public var connectMilliseconds: Int64
    /// For the first byte of an answer to a read, before the next endpoint is tried with the same read.
    public var firstAnswerMilliseconds: Int64
    /// For a whole answer, over all endpoints.
    public var requestMilliseconds: Int64
    /// For the next bytes of a watch or a followed log; the server sends at least a bookmark in this time.
    public var silenceMilliseconds: Int64

    public init(
        connectMilliseconds: Int64, firstAnswerMilliseconds: Int64, requestMilliseconds: Int64,
        silenceMilliseconds: Int64
    ) {
        self.connectMilliseconds = connectMilliseconds
        self.firstAnswerMilliseconds = firstAnswerMilliseconds
        self.requestMilliseconds = requestMilliseconds
        self.silenceMilliseconds = silenceMilliseconds
    }

    var patientConnectMilliseconds: Int64 { 10 * connectMilliseconds }

    /// What a person at a terminal bears.
    public static let interactive = ClientTimeouts(
        connectMilliseconds: 1000, firstAnswerMilliseconds: 1000, requestMilliseconds: 30_000,
        silenceMilliseconds: 60_000)
}
