/// One request of a user and what came of it, with its place in time.
///
/// Positions are points on one time line that all users share; only their order counts. An operation precedes another
/// if its end lies before the other's call. Equal positions are concurrent.
package struct ClientOperation<Input: Sendable, Output: Sendable>: Sendable {
    package var client: Int
    package var input: Input
    /// What the user was told; nil if that told it nothing of what the operation did.
    package var output: Output?
    package var call: Int
    /// Nil while the operation is open: it may take effect at any later time, or never.
    package var end: Int?

    package init(client: Int, input: Input, output: Output?, call: Int, end: Int?) {
        precondition(end.map { call <= $0 } ?? true, "an operation called at \(call) ends at \(end ?? 0)")
        self.client = client
        self.input = input
        self.output = output
        self.call = call
        self.end = end
    }
}

extension ClientOperation: CustomStringConvertible {
    package var description: String {
        let time = end.map { "\(call)...\($0)" } ?? "\(call)..."
        let answer = output.map { "\($0)" } ?? "unknown"
        return "client \(client) at \(time): \(input) -> \(answer)"
    }
}
