import API
import Contract
import JSONText
import Testing

/// The status of a request that must fail.
func failure(_ body: () async throws(ClientFailure) -> some Sendable) async -> (code: Int, status: JSON) {
    do throws(ClientFailure) {
        _ = try await body()
    } catch {
        if case .status(let status) = error { return (status.reason.code, status.json) }
        Issue.record("\(error)")
        return (0, nil)
    }
    Issue.record("it did not fail")
    return (0, nil)
}
