/// Something that is not so yet, and is looked at again.
struct NotYet: Error {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}

/// Looks again and again until it is so.
///
/// - Parameters:
///   - what: What is waited for, for the failure's message.
///   - look: Throws `NotYet` with what it found instead; every other error ends the wait.
@discardableResult
func eventually<Value>(
    _ what: String, within limit: Duration = .seconds(60), _ look: () async throws -> Value
) async throws -> Value {
    let deadline = ContinuousClock.now + limit
    while true {
        do {
            return try await look()
        } catch let notYet as NotYet {
            guard ContinuousClock.now < deadline else {
                throw TestFailure("waited \(limit) in vain for \(what): \(notYet.reason)")
            }
        }
        try await Task.sleep(for: .milliseconds(50))
    }
}
