import Contract
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
