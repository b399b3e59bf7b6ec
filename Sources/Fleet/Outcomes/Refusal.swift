public import Manifest
import Primitives

/// Why a command, or one mutation of a write, changed nothing.
public struct Refusal: Error, Equatable, Sendable {
    /// The numbers are stable, because answers are kept in snapshots.
    public enum Reason: UInt8, Equatable, Sendable, CaseIterable {
        /// A precondition does not hold: the object changed since it was read.
        case conflict = 1
        case alreadyExists = 2
        case notFound = 3
        case invalid = 4
        /// The object is being deleted.
        case terminating = 5
        /// The request is so old that it can't be known whether it was applied.
        case requestTooOld = 6
        case ticketUnknown = 7
        case ticketExpired = 8
        case ticketUsed = 9
        case nameTaken = 10
        case keyTaken = 11
        case unknownMember = 12
        /// Decided on a state that has moved on; read again and decide anew.
        case stale = 13
        /// The level is not the next one, or a member does not understand it.
        case levelUnknown = 14
        /// The author may not do this.
        case forbidden = 15
        /// There is no cluster yet, or there is one already.
        case bootstrap = 16
        /// A bound of the fleet would be exceeded.
        case limit = 17
        /// A guard against deleting by mistake holds, and was not lifted by name.
        case guarded = 18
        /// The object is protected against deletion.
        case protected = 19
    }

    public var reason: Reason
    /// The object concerned, if it is one.
    public var key: ObjectKey?
    /// The path of the field concerned, such as `spec.nodeName`.
    public var field: String?
    /// What failed, with which value, and what to do; for people.
    public var message: String

    public init(reason: Reason, key: ObjectKey?, field: String?, message: String) {
        self.reason = reason
        self.key = key
        self.field = field
        self.message = message
    }
}

extension [Refusal] {
    /// As many as an answer has room for, the last of which counts the others.
    public var bounded: [Refusal] {
        guard count > Limits.refusalsPerAnswer else { return self }
        let listed = Limits.refusalsPerAnswer - 1
        return prefix(listed) + [Refusal(.invalid, "\(count - listed) more objects are refused")]
    }
}
