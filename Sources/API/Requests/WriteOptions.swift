import Contract
import Crypto
import Fleet

/// What a request says of how its write should be done.
struct WriteOptions {
    private(set) var request: RequestID
    let baseRevision: UInt64?
    private(set) var isDryRun: Bool

    /// - Parameter identity: What the request says; one that says no id gets one of its own.
    init(query: QueryItems, identity: WriteIdentity) throws(APIStatus) {
        if let request = identity.request {
            self.request = request
        } else {
            var generator = SystemRandomNumberGenerator()
            request = .random(using: &generator)
        }
        baseRevision = identity.baseRevision
        isDryRun = try Self.isDryRun(query)
    }

    /// Whether a query asks for a dry run. An unknown value must not lead to the write that it may forbid.
    static func isDryRun(_ query: QueryItems) throws(APIStatus) -> Bool {
        let words = query.values(of: .dryRun)
        for word in words where word != "All" {
            throw APIStatus(.badRequest, "dryRun: Unsupported value: \"\(word)\": supported values: \"All\"")
        }
        return !words.isEmpty
    }

    /// The same without recording anything, if `isDryRun` says so.
    func dry(_ isDryRun: Bool) -> WriteOptions {
        var options = self
        options.isDryRun = self.isDryRun || isDryRun
        return options
    }

    /// The same for the n-th try at the cluster, n from 1.
    func attempt(_ number: Int) -> WriteOptions {
        var options = self
        options.request = request.attempt(number)
        return options
    }
}

extension RequestID {
    /// The id under which a request is recorded for the n-th time, n from 1; the first is its own.
    ///
    /// The cluster keeps the answer to every id, a refusal as well, so a request that is decided anew needs another id.
    /// It follows from the first one alone: a client that repeats the request walks the same ids and gets what is kept
    /// under each, on every node.
    func attempt(_ number: Int) -> RequestID {
        precondition(number > 0, "attempt \(number) of request \(self)")
        guard number > 1 else { return self }
        let digest = SHA256.hash(data: bytes + Array("attempt \(number)".utf8))
        guard let derived = RequestID(Array(digest.prefix(16))) else { preconditionFailure("a digest has 32 bytes") }
        return derived
    }
}
