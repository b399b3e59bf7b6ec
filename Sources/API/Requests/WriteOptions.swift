import Fleet

/// What a request says of how its write should be done.
struct WriteOptions {
    private(set) var request: RequestID
    let baseRevision: UInt64?
    let isDryRun: Bool

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
        switch query[.dryRun] {
        case nil, "", "false", "None": isDryRun = false
        case "All", "true", "server": isDryRun = true
        case let other?:
            throw APIStatus(.badRequest, "dryRun: Unsupported value: \"\(other)\": supported values: \"All\"")
        }
    }

    /// The same for the n-th try at the cluster, n from 1.
    func attempt(_ number: Int) -> WriteOptions {
        var options = self
        options.request = request.attempt(number)
        return options
    }
}
