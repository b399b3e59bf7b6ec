import Crypto
import Fleet

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
