import Contract
import Fleet

/// What a request says of how its write should be done.
struct WriteOptions {
    /// The members of a body that say it.
    static let members = ["request", "baseRevision"]

    private(set) var request: RequestID
    let baseRevision: UInt64?
    private(set) var isDryRun: Bool

    /// - Parameters:
    ///   - request: From the body, in hexadecimal.
    ///   - baseRevision: From the body, in decimal.
    init(
        query: QueryItems, headers: (request: String?, baseRevision: String?), request: String?, baseRevision: String?
    ) throws(APIStatus) {
        let requestText = request ?? headers.request
        if let requestText {
            guard let id = RequestID(hex: requestText) else {
                throw APIStatus(.badRequest, "request \"\(requestText)\" must be 32 hexadecimal digits")
            }
            self.request = id
        } else {
            var generator = SystemRandomNumberGenerator()
            self.request = .random(using: &generator)
        }
        let revisionText = baseRevision ?? headers.baseRevision
        if let revisionText {
            guard let revision = UInt64(revisionText) else {
                throw APIStatus(.badRequest, "base revision \"\(revisionText)\" must be a whole number")
            }
            self.baseRevision = revision
        } else {
            self.baseRevision = nil
        }
        isDryRun = try Self.isDryRun(query)
    }

    /// Whether a query asks for a dry run. A word that means nothing must not lead to the write that it may forbid.
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
