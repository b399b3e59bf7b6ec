public import Fleet

/// Why the node could not answer; each case has its HTTP code and its words in `Status`.
public enum BackendFailure: Error, Equatable, Sendable {
    /// A write has no outcome, or a read no leader.
    case write(WriteFailure)
    /// What is missing, as a whole sentence or as `virtualmachines.blixard.dev "web" not found`. (404)
    case notFound(String)
    /// Something else is out of order for now. (503)
    case unavailable(String)
    /// The caller may not do that. (403)
    case forbidden(String)
    /// What is asked for can't be done to the object as it is; says what to do. (409)
    case refused(String)
    /// There is nothing yet of what is asked for; says what that waits for. (400)
    case notYet(String)
    /// The request makes no sense as it is. (422)
    case invalid(String)
    /// No answer, and what was asked for may have been done all the same; no request's id tells. (504)
    case timeout(String)
}
